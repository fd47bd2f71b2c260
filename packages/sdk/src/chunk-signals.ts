import { signals as captures } from './capture/index.js';
import { handOver } from './chunk.js';
import { sending } from './delivery/sending.js';
import { extras } from './extras.js';
import { createSignals as signals } from './signals.js';

/** Hashes of the chunks that need this one, written in by the build. */
declare const __INTEGRITY__: Readonly<Record<string, string>>;

handOver({ signals, captures, extras, sending, next: __INTEGRITY__ });
