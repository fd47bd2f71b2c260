import type { Capture, Kept, Offers } from './capture/context.js';
import type { Views } from './capture/views.js';
import type { Delivery, Sending } from './delivery/index.js';
import type { State } from './state.js';
import type { Level, Stats } from './types.js';
import type { EventType } from '@lintel/protocol/types';

/** What the parts that come after the core may use of it. */
export interface Core extends Pick<State, 'seams' | 'guard' | 'options'> {
  state: Readonly<State>;
  /** Address of `/v1` of the collector. */
  endpoint: string;
  path(raw: string): string;
  views: Views;
  /** What happened before a late chunk came. */
  kept: readonly Kept[];
  /** Long frames that our own file caused. */
  ownFrame(): void;
  /** Whether a signal is wanted. */
  wanted(name: string): boolean;
  delivery: Pick<Delivery, 'update' | 'pause'>;
  consent(level: Level): Promise<void>;
  stats(): Stats;
}

/** Signals of one client, as they run. */
export interface Signals {
  add(captures: Readonly<Record<string, Capture>>): void;
  /** Ends signals that the collector switched off. */
  off(names: readonly string[]): void;
  /** Calls of the public API that signals answer. */
  offers: Partial<Offers>;
  /** They leave no listener, observer, timer or patch behind. */
  stop(): void;
}

export interface Extras {
  /** Share of a type's events that this stream sends. */
  rate(type: EventType): number;
  /** Resolves with the arm when it is known or `wait` is over, and reports the exposure. */
  experiment(name: string, wait: Promise<unknown>): Promise<string>;
  variant(name: string): string | undefined;
  /** A new stream began: chances are drawn anew, exposures are told again. */
  renew(): void;
  /** The vital `ready`, since the view began. */
  ready(name: string | undefined, tickMs: number): void;
  /** The vital `option_to_price`, from the choice to the frame that shows its price. */
  priced(chosenMs: number): void;
}

/** Calls of the public API that are answered later when they come early. */
export type Spoken = Offers & Pick<Extras, 'ready'>;

/** A part that comes after the core: a chunk of the script tag, an import of the ESM build. */
export interface Late {
  readonly signals?: (core: Core) => Signals;
  readonly captures?: Readonly<Record<string, Capture>>;
  readonly extras?: (core: Core, signals: Signals) => Extras;
  readonly sending?: Sending;
  /** Hashes of chunks that may be loaded from now on. */
  readonly next?: Readonly<Record<string, string>>;
}
