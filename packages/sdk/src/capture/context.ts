import type { EventType } from '@lintel/protocol/types';
import type { Clock } from '../lib/clock.js';
import type { Guard } from '../lib/guard.js';
import type { On } from '../lib/listen.js';

/** Initialises a signal; the returned function undoes everything. */
export type Capture = (context: CaptureContext) => () => void;

export interface View {
  /** Number of its `page_view`. */
  seq: number;
  path: string;
  /** Monotonic time at which it began, 0 for a navigation. */
  startedMs: number;
}

export interface CaptureSettings {
  key: string;
  /** Address of `/v1` of the collector. */
  endpoint: string;
  hash?: boolean;
  path(path: string): string;
  target?(event: Event): string | null;
  traceOrigins?: readonly string[];
  console?: boolean;
}

/**
 * Numbers an event; → its seq, or -1 when capped, refused or off, with the reason counted.
 * @param at epoch milliseconds, now by default   @param pass the gate it has to pass; by default that of the site's calls
 */
export type Emit = (type: EventType, fields: object, at?: number, pass?: () => boolean) => number;

/** Parts of the public API that signals answer. */
export interface Offers {
  error(reason: unknown, props?: Record<string, unknown>): void;
  observe(element: Element, name: string): () => void;
}

/** An event of the page and, for a pointer, where its element was when it was hit. */
export interface Kept {
  event: Event;
  box?: DOMRect | undefined;
}

/** All a signal may know: no storage, no network, no ids. */
export interface CaptureContext {
  emit: Emit;
  /** A passive, guarded listener, removed on stop. */
  on: On;
  view(): View;
  /** Called before a view ends and when the page hides; `final` when the view is over. */
  leaving(work: (final: boolean) => void): void;
  /** Called when the client stops, for helpers that several signals share. */
  ending(work: () => void): void;
  /** Seq of the last click, if at most a second ago. */
  cause(): number | undefined;
  /** One instance of a helper that several signals use. */
  share<T>(create: (context: CaptureContext) => T): T;
  clean(text: string): string;
  /** How the element is called on the wire. */
  selector(element: Element): string;
  guard: Guard;
  whenIdle(work: () => void): void;
  clock: Clock;
  random(): number;
  settings: CaptureSettings;
  /** Answers calls of the public API: `error`, `observe`. */
  offer<N extends keyof Offers>(name: N, answer: Offers[N]): void;
  /** What happened before a late chunk came. */
  kept: readonly Kept[];
  /** A long frame that our own file caused. */
  ownFrame(): void;
}
