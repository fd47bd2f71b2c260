import type { View } from './capture/context.js';
import type { StreamRecord } from './delivery/row.js';
import type { Tally } from './delivery/tally.js';
import type { Session } from './identity/session.js';
import type { LateParts } from './late.js';
import type { Guard } from './lib/guard.js';
import type { Seams } from './lib/seams.js';
import type { Dropped, Level, Options } from './types.js';

/** What all parts of a client share, and what is true of it at this moment. */
export interface State {
  readonly seams: Seams;
  readonly options: Options;
  readonly guard: Guard;
  /** Counts an error of ours. */
  readonly fault: (reason: unknown) => void;
  readonly tally: Tally;
  /** Written by the life of the page, like all that tells of streams. */
  level: Level;
  /** The stream that events belong to, or the last one. */
  stream?: StreamRecord;
  /** The stream is not over. */
  live?: boolean;
  /** What was given up before it had a number: told by this stream, or by the next one while none is open. */
  totals: Dropped;
  /** Nothing leaves before the visitor has answered. */
  held?: boolean;
  /** Resolves when the ids of this stream are known; nothing of it is sent before. */
  identified?: Promise<unknown> | undefined;
  /** Of this browser; null while unknown. Written by identity, like the session. */
  visitor: string | null;
  session?: Session | undefined;
  /** To the other tabs of the site. */
  channel?: BroadcastChannel | undefined;
  /** The view that events belong to. Written by the views. */
  view: View;
  /** What the parts that came after the core answer. */
  late: LateParts;
}
