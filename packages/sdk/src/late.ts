import type { Capture, CaptureContext } from './capture/context.js';
import type { EventType } from '@lintel/protocol/types';
import type { Clock } from './lib/clock.js';
import type { Cold } from './identity/index.js';
import type { Options, Stats } from './types.js';

/** What experiments and settings may know. */
export interface ExtrasParts {
  context: CaptureContext;
  options: Options;
  clock: Clock;
  random(): number;
  /** Bucketing id, null when nobody may be enrolled. */
  unit(): string | null;
  /** Resolves when the ids are known. */
  ready(): Promise<unknown>;
  cold(): Cold | null;
  fetch(url: string): Promise<Response>;
  /** The collector wants quiet. */
  pause(ms: number): void;
  /** The collector lowers the level. */
  ceiling(level: string): void;
  stats(): Stats;
  /** Signals that the collector switched off. */
  off(names: readonly string[]): void;
}

export interface Extras {
  /** Share of a type's events that this stream sends. */
  rate(type: EventType): number;
  /** Resolves with the arm when it is known or `wait` is over, and reports the exposure. */
  experiment(name: string, wait: Promise<unknown>): Promise<string | undefined>;
  variant(name: string): string | undefined;
  /** A new stream began: chances are drawn anew, exposures are told again. */
  renew(): void;
}

/** A part that comes after the core: a chunk of the script tag, a dynamic import of the ESM build. */
export interface Late {
  readonly captures?: Readonly<Record<string, Capture>>;
  readonly extras?: (parts: ExtrasParts) => Extras;
}
