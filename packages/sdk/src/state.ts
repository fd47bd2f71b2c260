import type { StreamRecord } from './delivery/row.js';
import type { Tally } from './delivery/tally.js';
import type { Session } from './identity/session.js';
import type { Guard } from './lib/guard.js';
import type { Seams } from './lib/seams.js';
import type { Level, Options } from './types.js';

/** What all parts of a client share, and what is true of it at this moment. */
export interface State {
  readonly seams: Seams;
  readonly options: Options;
  readonly guard: Guard;
  /** Counts an error of ours. */
  readonly fault: (reason: unknown) => void;
  readonly tally: Tally;
  /** Written by the life of the page. */
  level: Level;
  /** The stream that events belong to. */
  stream?: StreamRecord;
  /** Resolves when the ids of this stream are known; nothing of it is sent before. */
  identified?: Promise<unknown> | undefined;
  /** Of this browser; null while unknown. Written by identity, like the session. */
  visitor: string | null;
  session?: Session | undefined;
}
