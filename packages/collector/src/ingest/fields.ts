import type { Event } from '@lintel/protocol';
import { partsOf } from './configuration.js';
import { hash64 } from './hash.js';
import { remembered } from './lru.js';
import { redact } from './redact.js';

/** Columns of what was chosen and what it cost. */
export interface Commerce {
  model?: string | undefined;
  group?: string;
  option?: string;
  configHash?: string;
  parts?: Readonly<Record<string, string>>;
  priceCents?: number | undefined;
  currency?: string | undefined;
  ref?: string | undefined;
  experiment?: string;
  variant?: string;
}

/** Columns of where on the page something was. */
export interface Place {
  element?: string | undefined;
  label?: string | undefined;
  ex?: number | undefined;
  ey?: number | undefined;
  px?: number | undefined;
  py?: number | undefined;
  box?: readonly number[] | undefined;
  vw?: number | undefined;
  vh?: number | undefined;
  dh?: number | undefined;
  fixed?: boolean | undefined;
}

/** Columns of a request the page made. */
export interface Call {
  host: string;
  method?: string;
  status?: number | undefined;
  failure?: string | undefined;
  ttfbMs?: number | undefined;
  bytes?: number | undefined;
}

/** Columns of something that failed. */
export interface Fault {
  fingerprint: string;
  message: string;
  stack: string;
}

/** What an event of one type puts into the columns all types share; what is absent stays at the column's default. */
export interface EventFields {
  name?: string | undefined;
  kind?: string | undefined;
  view?: number | undefined;
  value?: number | undefined;
  durationMs?: number | undefined;
  depth?: number | undefined;
  times?: number | undefined;
  commerce?: Commerce;
  place?: Place;
  call?: Call;
  fault?: Fault;
  props?: Record<string, unknown> | undefined;
}

/** What the batch's level of consent lets an event say. */
export interface Permitted {
  /** The id that joins a journey with a named inquiry. */
  join: boolean;
  /** The site's own bucketing id. */
  name: boolean;
}

const NUMBERS = /\d+/g;
const fingerprints = remembered(2000, hash64);

/** Equal faults have equal fingerprints: numbers in the message and places in the file change too often to count. */
const fingerprintOf = (kind: string, name: string, message: string, frame: string): string =>
  fingerprints([kind, name, message.replace(NUMBERS, '#'), frame.replace(/:\d+(:\d+)?\)?$/, '')].join('\n'));

const urlParts = remembered(5000, (url: string): { host: string; path: string } => {
  const clean = redact(url.split(/[?#]/, 1)[0]!);
  const match = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?([^/:]*)(?::\d+)?(\/.*)?$/i.exec(clean);
  return match ? { host: match[1]!.toLowerCase(), path: match[2] ?? '/' } : { host: '', path: clean };
});

type Placed = Extract<Event, { type: 'click' | 'rage_click' | 'dead_click' }>;

const placeOf = (event: Placed): Place => ({
  element: event.sel,
  label: event.label === undefined ? undefined : redact(event.label),
  ex: event.ex,
  ey: event.ey,
  px: event.px,
  py: event.py,
  box: event.box,
  vw: event.vw,
  vh: event.vh,
  dh: event.dh,
  fixed: event.fixed,
});

/** Wire event → columns. A pure function; chapter 4 of the design says what its views expect where. */
export const fieldsOf = (event: Event, may: Permitted): EventFields => {
  switch (event.type) {
    case 'page_view':
      return {
        kind: event.nav,
        view: event.seq,
        props: {
          title: event.title,
          from: event.from,
          display: event.display,
          blocked: event.blocked?.join(','),
        },
      };
    case 'page_leave':
      return {
        view: event.view,
        durationMs: event.engagedMs,
        value: event.visibleMs,
        depth: event.depth,
        place: { py: event.depthPx },
        props: event.final ? { final: 'true' } : undefined,
      };
    case 'click':
      return { kind: event.kind, place: placeOf(event) };
    case 'rage_click':
      return { kind: event.kind, place: placeOf(event), times: event.count, durationMs: event.ms };
    case 'dead_click':
      return { kind: event.kind, place: placeOf(event), durationMs: event.waitedMs };
    case 'gesture':
      return {
        kind: event.kind,
        value: event.distance,
        durationMs: event.ms,
        place: { element: event.sel },
        props: { dir: event.dir, scale: event.scale },
      };
    case 'scroll':
      return { view: event.view, depth: event.depth, place: { py: event.px, dh: event.dh } };
    case 'form':
      return {
        name: event.form,
        kind: event.step,
        durationMs: event.ms,
        props: { last: event.last, fields: event.fields },
      };
    case 'visibility':
      return { name: event.name, durationMs: event.ms, value: event.ratio, view: event.view };
    case 'error': {
      const name = event.name ?? '';
      const message = redact(event.message ?? '');
      const frames = (event.frames ?? []).map(redact);
      return {
        name,
        kind: event.kind,
        times: event.count ?? 1,
        fault: {
          fingerprint: fingerprintOf(event.kind, name, message, frames[0] ?? ''),
          message,
          stack: frames.join('\n'),
        },
        props: event.handled ? { handled: 'true' } : undefined,
      };
    }
    case 'request': {
      const { host, path } = urlParts(event.url);
      return {
        kind: event.kind,
        value: event.ms,
        durationMs: event.ms,
        place: { label: path },
        call: {
          host,
          method: event.method.toUpperCase(),
          status: event.status,
          failure: event.failure,
          ttfbMs: event.ttfbMs,
          bytes: event.bytes,
        },
        props: { trace: event.trace },
      };
    }
    case 'vital':
      return {
        name: event.name,
        kind: event.rating,
        value: event.value,
        props: { ...event.attribution, delta: event.delta, id: event.id, nav: event.nav },
      };
    case 'long_frame': {
      const { script } = event;
      return {
        value: event.ms,
        durationMs: event.ms,
        props: {
          blockingMs: event.blockingMs,
          script: script?.url,
          function: script?.fn,
          scriptMs: script?.ms,
          invoker: script?.kind,
        },
      };
    }
    case 'option_select':
      return {
        value: event.priceDeltaCents,
        commerce: { model: event.model, group: event.group, option: event.option },
        props: { previous: event.previous, catalogue: event.catalogue },
      };
    case 'config': {
      const { hash, parts } = partsOf(event.model, event.options);
      return {
        kind: event.reason,
        commerce: {
          model: event.model,
          configHash: hash,
          parts,
          priceCents: event.priceCents,
          currency: event.currency,
          ref: event.id,
        },
        props: { catalogue: event.catalogue },
      };
    }
    case 'price_view':
      return {
        commerce: { model: event.model, priceCents: event.priceCents, currency: event.currency },
        props: { catalogue: event.catalogue },
      };
    case 'inquiry':
      return {
        commerce: {
          model: event.model,
          priceCents: event.priceCents,
          currency: event.currency,
          ref: may.join ? event.id : undefined,
        },
      };
    case 'order':
      return {
        commerce: {
          model: event.model,
          priceCents: event.priceCents,
          currency: event.currency,
          ref: event.id,
        },
        props: { inquiry: event.inquiry },
      };
    case 'exposure':
      return {
        commerce: { experiment: event.experiment, variant: event.variant },
        props: { version: event.version, unit: may.name ? event.unit : undefined },
      };
    case 'custom':
      return {
        name: event.name,
        commerce: { model: event.model, priceCents: event.priceCents, currency: event.currency },
        props: event.props,
      };
  }
};
