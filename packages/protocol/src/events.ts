import { Type, type Static, type TProperties } from '@sinclair/typebox';
import * as f from './fields.js';
import { LIMITS } from './limits.js';

/** Fields that every event has. Unknown fields are ignored, so an older collector can read a newer SDK. */
const common = {
  seq: f.integer('number of the event in its stream, from 0 without gaps', LIMITS.seqMax),
  at: f.integer('client clock, epoch milliseconds', 253_402_300_799_999),
  path: f.optional(f.text('path of the view, without query')),
  after: f.optional(f.uint32('seq of the click that led to this event')),
  rate: f.optional(f.float('share of such events that is sent, below 1 when sampled', 0.000001, 1)),
};

const event = <const T extends string, P extends TProperties>(type: T, description: string, fields: P) =>
  Type.Object({ type: Type.Literal(type), ...common, ...fields }, { description });

const place = {
  sel: f.optional(f.text('stable selector of the anchor element', 200)),
  label: f.optional(f.text('logical name of the anchor: data-lintel, else tag and role', 256)),
  kind: f.optional(f.oneOf(['mouse', 'touch', 'pen', 'key'], 'how it was clicked')),
  ex: f.optional(f.integer("place in the anchor's box, left to right", 32_767)),
  ey: f.optional(f.integer("place in the anchor's box, top to bottom", 32_767)),
  px: f.optional(f.integer('clientX / viewport width, in 1/10000', 10_000)),
  py: f.optional(f.uint32('page pixels from the top (viewport pixels when fixed)')),
  box: f.optional(
    Type.Array(f.uint32('px'), {
      minItems: 4,
      maxItems: 4,
      description: 'left, top, width, height in page pixels',
    }),
  ),
  fixed: f.optional(Type.Boolean({ description: 'the anchor does not scroll with the page' })),
  vw: f.optional(f.uint16('viewport width')),
  vh: f.optional(f.uint16('viewport height')),
  dh: f.optional(f.uint32('document height')),
};

const commerce = {
  model: f.optional(f.text('model of the house', 128)),
  priceCents: f.optional(f.cents('price in minor units')),
  currency: f.optional(f.currency),
};

const choice = f.text('chosen option', 128);

export const EVENT_SCHEMAS = {
  page_view: event('page_view', 'A view became visible', {
    title: f.optional(f.text('document title')),
    nav: f.optional(
      f.oneOf(
        ['load', 'reload', 'back_forward', 'bfcache', 'restore', 'route', 'hash', 'manual'],
        'how the view was reached',
      ),
    ),
    from: f.optional(f.text('path of the view before')),
    display: f.optional(f.text('browser, standalone…', 32)),
    blocked: f.optional(
      Type.Array(f.text('reason', 128), {
        maxItems: 5,
        description: 'why the back/forward cache was not used',
      }),
    ),
    automated: f.optional(Type.Boolean({ description: 'navigator.webdriver: a mark, no filter' })),
  }),
  page_leave: event('page_leave', 'Increments of attention since the last one of this view', {
    view: f.optional(f.uint32('seq of the page_view')),
    engagedMs: f.uint32('visible, focused and active'),
    visibleMs: f.optional(f.uint32('visible')),
    depth: f.optional(f.percent('deepest point seen, in percent of the page')),
    depthPx: f.optional(f.uint32('deepest point seen, in pixels')),
    final: f.optional(Type.Boolean({ description: 'the view is over' })),
  }),
  click: event('click', 'A trusted click', place),
  rage_click: event('rage_click', 'Three or more clicks on one anchor within a second', {
    ...place,
    count: f.optional(f.uint16('clicks')),
    ms: f.optional(f.uint32('from the first to the last')),
  }),
  dead_click: event('dead_click', 'A click on something interactive without effect', {
    ...place,
    waitedMs: f.optional(f.uint32('how long an effect was waited for')),
  }),
  gesture: event('gesture', 'A touch gesture', {
    kind: f.oneOf(['swipe', 'pinch', 'long_press'], 'gesture'),
    dir: f.optional(f.oneOf(['left', 'right', 'up', 'down', 'in', 'out'], 'direction')),
    distance: f.optional(f.uint32('pixels')),
    ms: f.optional(f.uint32('duration')),
    scale: f.optional(f.float('of a pinch', 0, 1000)),
    sel: f.optional(f.text('stable selector', 200)),
  }),
  scroll: event('scroll', 'First reach of 25, 50, 75, 90, 100 percent', {
    view: f.optional(f.uint32('seq of the page_view')),
    depth: f.percent('percent of the page'),
    px: f.optional(f.uint32('pixels from the top')),
    dh: f.optional(f.uint32('document height')),
  }),
  form: event('form', 'Life of a form; values are never read', {
    form: f.name('name of the form'),
    step: f.oneOf(['start', 'submit', 'abandon'], 'what happened'),
    ms: f.optional(f.uint32('since its first focus')),
    last: f.optional(f.text('name of the last field', 128)),
    fields: f.optional(
      Type.Array(
        Type.Tuple([f.text('name', 128), f.uint32('ms'), f.uint16('focuses'), f.uint16('invalid')]),
        {
          maxItems: 20,
          description: 'name, ms, focuses, invalid',
        },
      ),
    ),
  }),
  visibility: event('visibility', 'A watched element was seen', {
    name: f.name('name given to observe()'),
    ms: f.optional(f.uint32('seen for')),
    ratio: f.optional(f.float('largest visible share', 0, 1)),
    view: f.optional(f.uint32('seq of the page_view')),
  }),
  error: event('error', 'Something failed on the page', {
    kind: f.oneOf(['exception', 'rejection', 'resource', 'csp', 'manual', 'console'], 'source'),
    name: f.optional(f.text('name of the error', 128)),
    message: f.optional(f.text('cleaned message')),
    frames: f.optional(
      Type.Array(f.text('frame', 160), { maxItems: 20, description: 'stack, innermost first' }),
    ),
    count: f.optional(f.uint16('repeats')),
    handled: f.optional(Type.Boolean({ description: 'reported by the site itself' })),
  }),
  request: event('request', 'A request of the page, failed, slow or sampled', {
    method: f.text('HTTP method', 16),
    url: f.text('without query'),
    status: f.optional(f.integer('HTTP status, 0 when unknown', 999)),
    ms: f.uint32('duration'),
    ttfbMs: f.optional(f.float('time to first byte', 0, 1e9)),
    bytes: f.optional(f.uint32('transferred')),
    kind: f.optional(f.oneOf(['fetch', 'xhr', 'resource'], 'source')),
    failure: f.optional(f.text('network, abort, timeout', 32)),
    trace: f.optional(f.text('W3C trace id', 64)),
  }),
  vital: event('vital', 'A Web Vital, or a measure of the configurator itself', {
    name: f.name('LCP INP CLS FCP TTFB, ready, option_to_price'),
    value: f.float('milliseconds; CLS without unit', 0, 1e9),
    delta: f.optional(f.float('since the last report', -1e9, 1e9)),
    id: f.optional(f.text('of the metric instance', 64)),
    rating: f.optional(f.oneOf(['good', 'needs-improvement', 'poor'], 'rating')),
    nav: f.optional(f.text('kind of navigation', 32)),
    attribution: f.optional(f.props),
  }),
  long_frame: event('long_frame', 'A long animation frame', {
    ms: f.uint32('duration'),
    blockingMs: f.optional(f.uint32('blocking duration')),
    script: f.optional(
      Type.Object({
        url: f.optional(f.text('source')),
        fn: f.optional(f.text('function', 128)),
        ms: f.optional(f.uint32('duration')),
        kind: f.optional(f.text('invoker type', 64)),
      }),
    ),
  }),
  option_select: event('option_select', 'An option was chosen', {
    group: f.name('option group, for instance facade'),
    option: f.name('chosen option'),
    previous: f.optional(f.text('option before', 128)),
    priceDeltaCents: f.optional(f.signedCents('change of the price in minor units')),
    catalogue: f.optional(f.text('version of the catalogue', 64)),
    model: f.optional(f.text('model of the house', 128)),
  }),
  config: event('config', 'The configuration as it stands', {
    model: f.name('model of the house'),
    options: Type.Record(Type.String(), Type.Union([choice, Type.Array(choice, { maxItems: 32 })]), {
      maxProperties: LIMITS.props,
      description: 'group → option or options',
    }),
    priceCents: f.cents('price in minor units'),
    currency: f.optional(f.currency),
    catalogue: f.optional(f.text('version of the catalogue', 64)),
    id: f.optional(f.text('saved or shared configuration', 128)),
    reason: f.oneOf(['start', 'change', 'save', 'load', 'share'], 'why it is reported'),
  }),
  price_view: event('price_view', 'A price was shown', {
    ...commerce,
    priceCents: f.cents('price in minor units'),
    catalogue: f.optional(f.text('version of the catalogue', 64)),
  }),
  inquiry: event('inquiry', 'An inquiry was sent', {
    ...commerce,
    id: f.optional(f.text("id answered by POST /v1/inquiries; travels at level 'all' only", 64)),
  }),
  order: event('order', 'An order; server route only', {
    ...commerce,
    priceCents: f.cents('amount in minor units'),
    id: f.optional(f.text('order id', 128)),
    inquiry: f.optional(f.text('inquiry id', 64)),
  }),
  exposure: event('exposure', 'A variant was seen', {
    experiment: f.name('experiment'),
    variant: f.name('arm'),
    version: f.optional(f.uint32('version of the experiment')),
    unit: f.optional(f.text('bucketing id', 128)),
  }),
  custom: event('custom', "The site's own event", {
    ...commerce,
    name: f.name('name of the event; lintel.* is reserved'),
    props: f.optional(f.props),
  }),
} as const;

export type EventType = keyof typeof EVENT_SCHEMAS;
export type EventOf<T extends EventType> = Static<(typeof EVENT_SCHEMAS)[T]>;
export type Event = { [T in EventType]: EventOf<T> }[EventType];

export const EVENT_TYPES = Object.keys(EVENT_SCHEMAS) as readonly EventType[];
