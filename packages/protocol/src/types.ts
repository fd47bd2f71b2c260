/** Types only: importing this file costs a browser nothing. */
export type { Answer, Batch, Consent, Page, Rejection } from './batch.js';
export type { Event, EventOf, EventType } from './events.js';
export type { DropReason, EventReason, RequestReason } from './reasons.js';
export type { RunningExperiment, Settings } from './settings.js';
