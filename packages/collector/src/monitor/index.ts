export { createMetrics, type Metrics } from './metrics.js';
export { createMonitor, type Monitor, type MonitorOptions, type MonitorRow } from './sampler.js';
