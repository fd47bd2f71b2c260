import { vitals } from './capture/vitals.js';
import { handOver } from './chunk.js';

handOver({ captures: { vitals } });
