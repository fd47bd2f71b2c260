import { signals } from './capture/index.js';
import { handOver } from './chunk.js';
import { extras } from './extras.js';

handOver({ captures: signals, extras });
