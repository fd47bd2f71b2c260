import type { Consent } from '@lintel/protocol';
import type { Call, Commerce, EventFields, Fault, Place } from './fields.js';
import type { Landing } from './landing.js';
import { redact } from './redact.js';
import type { Agent } from './user-agent.js';

/** What all rows of a request share. */
export interface RowContext {
  siteId: number;
  currency: string;
  /** Epoch ms. */
  received: number;
  sdk: string;
  /** Decimal text of a UInt64. */
  visitor: string;
  session: string;
  consent: Consent;
  consentText: string;
  landing: Landing;
  country: string;
  region: string;
  language: string;
  agent: Agent;
}

/** What one row says besides. */
export interface RowSubject {
  ts: number;
  skewMs: number;
  stream: string;
  seq: number;
  type: string;
  bot: number;
  /** Path and route, as `createPlaces` writes them. */
  place: string;
  after: number;
  /** Share of such events that was sent. */
  rate: number;
  fields: EventFields;
}

const quote = JSON.stringify as (text: string) => string;

/** A member of the line, or nothing while the column would hold its default anyway. */
const textColumn = (name: string): ((value: string | undefined) => string) => {
  const head = `,"${name}":`;
  return (value) => (value ? head + quote(value) : '');
};
/** Numbers, true and false, and 64-bit numbers as decimal text. */
const plainColumn = (name: string): ((value: number | boolean | string | undefined) => string) => {
  const head = `,"${name}":`;
  return (value) => (value && value !== '0' ? head + String(value) : '');
};

const DAY_MS = 86_400_000;
const two = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'));
let dayStart = Number.NaN;
let dayText = '';

/** `YYYY-MM-DD hh:mm:ss.mmm`, UTC: what `date_time_input_format='basic'` reads. Rows of a request share their day. */
const milliseconds = (at: number): string => `${seconds(at)}.${String(at % 1000).padStart(3, '0')}`;

/** `YYYY-MM-DD hh:mm:ss`, UTC. */
const seconds = (at: number): string => {
  const start = Math.floor(at / DAY_MS) * DAY_MS;
  if (start !== dayStart) {
    dayStart = start;
    dayText = new Date(start).toISOString().slice(0, 10);
  }
  const s = Math.floor((at - start) / 1000);
  return `${dayText} ${two[Math.floor(s / 3600)]!}:${two[Math.floor(s / 60) % 60]!}:${two[s % 60]!}`;
};

/** A string put together from pieces is a tree until somebody looks into it: looked at once here, not once a row. */
const flat = (pieces: string): string => {
  pieces.charCodeAt(0);
  return pieces;
};

const mapColumn = (
  name: string,
  store: (text: string) => string,
): ((values: Readonly<Record<string, unknown>> | undefined) => string) => {
  const head = `,"${name}":{`;
  return (values) => {
    if (!values) return '';
    let out = '';
    for (const key of Object.keys(values)) {
      const value = values[key];
      if (value === undefined || value === null || value === '') continue;
      const stored = store(typeof value === 'string' ? value : JSON.stringify(value));
      out += `${out === '' ? head : ','}${quote(key)}:${quote(stored)}`;
    }
    return out === '' ? '' : `${out}}`;
  };
};

const skew = plainColumn('skew_ms');
const sdk = textColumn('sdk');
const name = textColumn('name');
const kind = textColumn('kind');
const consentText = textColumn('consent_text');
const bot = plainColumn('bot');
const view = plainColumn('view');
const after = plainColumn('after');
const refHost = textColumn('ref_host');
const channel = textColumn('channel');
const source = textColumn('source');
const medium = textColumn('medium');
const campaign = textColumn('campaign');
const country = textColumn('country');
const region = textColumn('region');
const language = textColumn('language');
const device = textColumn('device');
const browser = textColumn('browser');
const os = textColumn('os');
const model = textColumn('model');
const group = textColumn('option_group');
const option = textColumn('option');
const configHash = plainColumn('config_hash');
const parts = mapColumn('parts', (stored) => stored);
const priceCents = plainColumn('price_cents');
const currency = textColumn('currency');
const ref = textColumn('ref');
const experiment = textColumn('experiment');
const variant = textColumn('variant');
const value = plainColumn('value');
const durationMs = plainColumn('duration_ms');
const depth = plainColumn('depth');
const times = plainColumn('times');
const element = textColumn('element');
const label = textColumn('label');
const ex = plainColumn('ex');
const ey = plainColumn('ey');
const px = plainColumn('px');
const py = plainColumn('py');
const vw = plainColumn('vw');
const vh = plainColumn('vh');
const dh = plainColumn('dh');
const fixed = plainColumn('fixed');
const host = textColumn('host');
const method = textColumn('method');
const status = plainColumn('status');
const failure = textColumn('failure');
const ttfbMs = plainColumn('ttfb_ms');
const bytes = plainColumn('bytes');
const fingerprint = plainColumn('fingerprint');
const message = textColumn('message');
const stack = textColumn('stack');
const props = mapColumn('props', redact);

const commerce = (c: Commerce, siteCurrency: string): string =>
  model(c.model) +
  group(c.group) +
  option(c.option) +
  configHash(c.configHash) +
  parts(c.parts) +
  priceCents(c.priceCents) +
  // an amount without a currency is in the site's
  currency(c.currency ?? (c.priceCents === undefined ? '' : siteCurrency)) +
  ref(c.ref) +
  experiment(c.experiment) +
  variant(c.variant);

const place = (p: Place): string =>
  element(p.element) +
  label(p.label) +
  ex(p.ex) +
  ey(p.ey) +
  px(p.px) +
  py(p.py) +
  (p.box ? `,"box":[${p.box.join(',')}]` : '') +
  vw(p.vw) +
  vh(p.vh) +
  dh(p.dh) +
  fixed(p.fixed);

const call = (c: Call): string =>
  host(c.host) + method(c.method) + status(c.status) + failure(c.failure) + ttfbMs(c.ttfbMs) + bytes(c.bytes);

const fault = (f: Fault): string => fingerprint(f.fingerprint) + message(f.message) + stack(f.stack);

/**
 * Rows of `events` as JSON lines, in the order of `EVENT_COLUMNS`. A column at its default is left out: the database
 * fills it in, and a row is 570 bytes instead of 1,010, its share of a member 21 instead of 32. Written by hand,
 * because most of a row is the same for a whole request: that part is written once.
 */
export const createRowText = (context: RowContext): ((subject: RowSubject) => string) => {
  const { landing, agent } = context;
  const start = `{"site_id":${context.siteId},"ts":"`;
  const received = `","received":"${seconds(context.received)}"`;
  const type = flat(`${sdk(context.sdk)},"type":"`);
  const who = flat(
    `,"visitor":${context.visitor},"session":${context.session},"consent":"${context.consent}"${consentText(context.consentText)}`,
  );
  const origin = flat(
    refHost(landing.refHost) +
      channel(landing.channel) +
      source(landing.source) +
      medium(landing.medium) +
      campaign(landing.campaign) +
      country(context.country) +
      region(context.region) +
      language(context.language) +
      device(agent.device) +
      browser(agent.browser) +
      os(agent.os),
  );
  return (row) => {
    const f = row.fields;
    return (
      `${start}${milliseconds(row.ts)}${received}${skew(row.skewMs)},"stream":"${row.stream}","seq":${row.seq}${type}${row.type}"` +
      name(f.name) +
      kind(f.kind) +
      who +
      bot(row.bot) +
      row.place +
      view(f.view) +
      after(row.after) +
      // never left out: its default would be the share 0
      `,"rate":${row.rate}` +
      origin +
      (f.commerce ? commerce(f.commerce, context.currency) : '') +
      value(f.value) +
      durationMs(f.durationMs) +
      depth(f.depth) +
      times(f.times) +
      (f.place ? place(f.place) : '') +
      (f.call ? call(f.call) : '') +
      (f.fault ? fault(f.fault) : '') +
      props(f.props) +
      '}'
    );
  };
};
