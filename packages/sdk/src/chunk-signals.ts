import { signals as captures } from './capture/index.js';
import { handOver } from './chunk.js';
import { sending } from './delivery/sending.js';
import { extras } from './extras.js';
import { createSignals as signals } from './signals.js';

handOver({ signals, captures, extras, sending });
