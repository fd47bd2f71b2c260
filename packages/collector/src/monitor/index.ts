export { startCanary, type Canary } from './canary-sender.js';
export { CANARY_KEY_FILE, CANARY_SITE_ID, withCanary } from './canary-site.js';
export { watchCanary, type CanaryState, type CanaryWatch } from './canary-watch.js';
export { createMetrics, type Metrics } from './metrics.js';
export { createMonitor, type Monitor, type MonitorOptions, type MonitorRow } from './sampler.js';
