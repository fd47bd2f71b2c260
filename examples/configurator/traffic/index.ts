export { visits, type VisitsOptions } from './visits.js';
export { averageDays } from './season.js';
export type { Visit } from './recorder.js';
export { sendTraffic, signatureHeaders, TrafficError } from './send.js';
export type { Progress, SendOptions, SendResult, ServerKey } from './send.js';
export { LANDING_EXPERIMENT } from './experiment.js';
