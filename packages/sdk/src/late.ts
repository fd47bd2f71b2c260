import type { Capture, Emit, Kept, Offers } from './capture/context.js';
import type { Delivery } from './delivery/index.js';
import type { State } from './state.js';
import type { Level, Stats } from './types.js';
import type { EventType } from '@lintel/protocol/types';

/** What the parts that come after the core may use of it. */
export interface Core {
  state: State;
  /** Address of `/v1` of the collector. */
  endpoint: string;
  path(raw: string): string;
  emit: Emit;
  /** The address of the page may have changed. */
  changed(): void;
  /** What happened before a late chunk came. */
  kept: readonly Kept[];
  /** Whether a signal is wanted. */
  isWanted(name: string): boolean;
  delivery: Delivery;
  setLevel(level: Level): Promise<void>;
  stats(): Stats;
}

/** Signals of one client, as they run. */
export interface Signals {
  add(captures: Readonly<Record<string, Capture>>): void;
  /** Ends signals that the collector switched off. */
  off(names: readonly string[]): void;
  /** Work to be done before a view ends and when the page hides; `final` when the view is over. → what takes it back */
  leaving(work: (final: boolean) => void): () => void;
  /** Tells the signals that the page hides, or that the view is over. */
  leave(final?: boolean): void;
  /** Numbers an event of a signal, and notes a click that later events may name. */
  tell: Emit;
  /** Seq of the last click, if at most a second ago. */
  cause(): number | undefined;
  /** A new stream began: no click has a number any more, chances are drawn anew, exposures are told again. */
  renew(): void;
  /** They leave no listener, observer, timer or patch behind. */
  stop(): void;
}

export interface Extras {
  /** Share of a type's events that this stream sends. */
  rate(type: EventType): number;
  /** Resolves with the arm when it is known or `wait` is over, and reports the exposure. */
  experiment(name: string, wait: Promise<unknown>): Promise<string>;
  variant(name: string): string | undefined;
  renew(): void;
  /** The vital `ready`, since the view began. */
  ready(name: string | undefined, tickMs: number): void;
  /** The vital `option_to_price`, from the choice to the frame that shows its price. */
  priced(chosenMs: number): void;
}

/** Calls of the public API that are answered later when they come early. */
export type Spoken = Offers & Pick<Extras, 'ready'>;

/** What the late parts of one client answer, as far as they are here. */
export type LateParts = Partial<Signals & Extras & Offers>;

/** A part that comes after the core: a chunk of the script tag, an import of the ESM build. */
export interface Late {
  /** Joins the running client. → what it answers from now on */
  readonly join?: (core: Core) => LateParts;
  readonly captures?: Readonly<Record<string, Capture>>;
  /** Hashes of chunks that may be loaded from now on. */
  readonly next?: Readonly<Record<string, string>>;
}
