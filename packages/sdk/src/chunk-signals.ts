import { signals as captures } from './capture/index.js';
import { handOver } from './chunk.js';
import { joinExtras } from './extras.js';
import { createSignals } from './signals.js';

/** Hashes of the chunks that need this one, written in by the build. */
declare const __INTEGRITY__: Readonly<Record<string, string>>;

handOver({
  join(core) {
    Object.assign(core.state.late, createSignals(core));
    return joinExtras(core);
  },
  captures,
  next: __INTEGRITY__,
});
