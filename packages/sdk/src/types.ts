import type { DropReason, EventType } from '@lintel/protocol/types';
import type { Capture } from './capture/context.js';
import type { Seams } from './lib/seams.js';

/** Levels of consent, lowest first: nothing at all, nothing stored, stored, stored and joined to inquiries. */
export type Level = 'off' | 'none' | 'statistics' | 'all';
export type Reason = DropReason;
export type Dropped = Partial<Record<Reason, number>>;
export type Props = Record<string, unknown>;
export type EventMap = Record<string, Props>;

/** An event before it has a number: what `before` may edit or refuse. */
export interface Draft {
  type: EventType;
  path: string;
  at: number;
  [field: string]: unknown;
}

export interface Options {
  /** Public site key, `pk_…`. */
  key: string;
  /** Origin of the collector, or a path of your own site that leads there. Default: origin of the script. */
  endpoint?: string;
  /** Starting level, `none`. Only `consent()` raises it later. */
  consent?: Level;
  /** Keeps the first events unsent in memory until `consent()` answers; 0…10,000 ms. */
  holdMs?: number;
  /** What to capture. ESM: exactly what was imported; script tag: everything. */
  capture?: readonly Capture[];
  /** Bucketing id that the site's server knows too; default: the visitor id. */
  unit?: string;
  /** Variants the site's server already chose. */
  assigned?: Record<string, string>;
  /** The hash is part of the view. */
  hash?: boolean;
  /** Query parameters kept besides `utm_*`. */
  query?: readonly string[];
  /** Names the path of a view: '/haus/123' → '/haus/:id'. */
  path?(path: string): string;
  /** Names what was clicked inside a canvas: 'roof:pv'. */
  target?(event: Event): string | null;
  /** Edits or refuses an event before it gets a number. */
  before?(draft: Draft): Draft | null;
  /** Origins that get a `traceparent` header; none by default, because the header forces a preflight. */
  traceOrigins?: readonly string[];
  /** Also reports what the site writes with `console.error`. */
  console?: boolean;
  /** Warns on the console about events the collector would refuse. */
  debug?: boolean;
  /** Clock, chance, network, storage and locks, for tests. */
  seams?: Partial<Seams>;
}

export interface Choice {
  group: string;
  option: string;
  previous?: string;
  priceDeltaCents?: number;
  catalogue?: string;
  model?: string;
}
export interface Shown {
  priceCents: number;
  currency?: string;
  model?: string;
  catalogue?: string;
}
export interface Configuration {
  model: string;
  options: Record<string, string | readonly string[]>;
  priceCents: number;
  currency?: string;
  catalogue?: string;
  /** Of a saved or shared configuration. */
  id?: string;
  reason: 'start' | 'change' | 'save' | 'load' | 'share';
}
export interface Inquiry {
  /** Answer of `POST /v1/inquiries`; travels at level `all` only. */
  id?: string;
  model?: string;
  priceCents?: number;
}

/** What the SDK did, and what it cost the visitor. */
export interface Stats {
  stream: string;
  level: Level;
  generated: number;
  acked: number;
  waiting: number;
  waitingBytes: number;
  dropped: Dropped;
  retries: number;
  storage: 'indexeddb' | 'memory';
  lastStatus: number;
  lastAckAt: number | null;
  roundTripMs: number;
  sentBytes: number;
  ownMs: number;
  ownLongFrames: number;
  /** Errors of our own, kept from the page. */
  faults: number;
}

export interface Lintel<E extends EventMap = EventMap> {
  /** An event of the site's own. */
  track<K extends keyof E & string>(name: K, props?: E[K]): void;
  /** Joined to later events of `track`, in memory only. */
  set(props: Props): void;
  /** A view that no URL shows, for instance a step of a wizard. */
  page(path?: string): void;
  /** The configurator can be used: the vital `ready`, since navigation, activation or route start. */
  ready(name?: string): void;
  /** An option was chosen; starts the clock that `price` stops. */
  select(choice: Choice): void;
  /** A price is shown. */
  price(shown: Shown): void;
  /** The configuration as it stands. */
  config(now: Configuration): void;
  /** An inquiry was sent. */
  inquiry(sent: Inquiry): void;
  /** An opaque customer id, at level `all` only. */
  identify(customer: string): void;
  /** A new visitor on a shared device. */
  reset(): void;
  /** The visitor's id, for requests of access and erasure; null without consent. */
  visitor(): string | null;
  consent(): Level;
  /** Resolves when what must be gone is gone. */
  consent(level: Level): Promise<void>;
  /** The visitor's arm, with an exposure; `control` when undecided after `waitMs` (300). */
  experiment(name: string, waitMs?: number): Promise<string>;
  /** The arm if it is known, without an exposure. */
  variant(name: string): string | undefined;
  /** Watches an element; returns the function that stops. */
  observe(element: Element, name: string): () => void;
  /** Reports a handled error. */
  error(reason: unknown, props?: Props): void;
  flush(): Promise<Stats>;
  stats(): Stats;
  /** Restores every patch and listener. */
  shutdown(): Promise<void>;
}
