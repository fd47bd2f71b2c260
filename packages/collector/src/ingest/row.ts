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
  path: string;
  route: string;
  after: number;
  /** Share of such events that was sent. */
  rate: number;
  fields: EventFields;
}

const quote = JSON.stringify as (text: string) => string;
const text = (value: string | undefined): string => (value ? quote(value) : '""');

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

const map = (values: Readonly<Record<string, unknown>> | undefined, clean: boolean): string => {
  if (!values) return '{}';
  let out = '';
  for (const key of Object.keys(values)) {
    const value = values[key];
    if (value === undefined || value === null || value === '') continue;
    const stored = typeof value === 'string' ? value : JSON.stringify(value);
    out += `${out === '' ? '' : ','}${quote(key)}:${quote(clean ? redact(stored) : stored)}`;
  }
  return `{${out}}`;
};

const NO_COMMERCE =
  '"model":"","option_group":"","option":"","config_hash":0,"parts":{},"price_cents":0,"currency":"","ref":"","experiment":"","variant":"",';

const commerce = (c: Commerce | undefined, currency: string): string => {
  if (!c) return NO_COMMERCE;
  // an amount without a currency is in the site's
  const unit = c.currency ?? (c.priceCents === undefined ? '' : currency);
  return `"model":${text(c.model)},"option_group":${text(c.group)},"option":${text(c.option)},"config_hash":${c.configHash ?? '0'},"parts":${map(c.parts, false)},"price_cents":${c.priceCents ?? 0},"currency":${text(unit)},"ref":${text(c.ref)},"experiment":${text(c.experiment)},"variant":${text(c.variant)},`;
};

const NO_PLACE =
  '"element":"","label":"","ex":0,"ey":0,"px":0,"py":0,"box":[],"vw":0,"vh":0,"dh":0,"fixed":false,';

const place = (p: Place | undefined): string =>
  p
    ? `"element":${text(p.element)},"label":${text(p.label)},"ex":${p.ex ?? 0},"ey":${p.ey ?? 0},"px":${p.px ?? 0},"py":${p.py ?? 0},"box":[${p.box?.join(',') ?? ''}],"vw":${p.vw ?? 0},"vh":${p.vh ?? 0},"dh":${p.dh ?? 0},"fixed":${p.fixed ?? false},`
    : NO_PLACE;

const NO_CALL = '"host":"","method":"","status":0,"failure":"","ttfb_ms":0,"bytes":0,';

const call = (c: Call | undefined): string =>
  c
    ? `"host":${text(c.host)},"method":${text(c.method)},"status":${c.status ?? 0},"failure":${text(c.failure)},"ttfb_ms":${c.ttfbMs ?? 0},"bytes":${c.bytes ?? 0},`
    : NO_CALL;

const NO_FAULT = '"fingerprint":0,"message":"","stack":"",';

const fault = (f: Fault | undefined): string =>
  f ? `"fingerprint":${f.fingerprint},"message":${text(f.message)},"stack":${text(f.stack)},` : NO_FAULT;

/**
 * Rows of `events` as JSON lines, every column in the order of `EVENT_COLUMNS`. Written by hand, because most of a row
 * is the same for a whole request: that part is written once.
 */
export const createRowText = (context: RowContext): ((subject: RowSubject) => string) => {
  const { landing, agent } = context;
  const start = `{"site_id":${context.siteId},"ts":"`;
  const received = `","received":"${seconds(context.received)}","skew_ms":`;
  const sdk = `,"sdk":${text(context.sdk)},"type":"`;
  const who = `,"visitor":${context.visitor},"session":${context.session},"consent":"${context.consent}","consent_text":${text(context.consentText)},"bot":`;
  const origin = `,"ref_host":${text(landing.refHost)},"channel":${text(landing.channel)},"source":${text(landing.source)},"medium":${text(landing.medium)},"campaign":${text(landing.campaign)},"country":${text(context.country)},"region":${text(context.region)},"language":${text(context.language)},"device":${text(agent.device)},"browser":${text(agent.browser)},"os":${text(agent.os)},`;
  return (row) => {
    const f = row.fields;
    return (
      `${start}${milliseconds(row.ts)}${received}${row.skewMs},"stream":"${row.stream}","seq":${row.seq}${sdk}${row.type}","name":${text(f.name)},"kind":${text(f.kind)}` +
      `${who}${row.bot},"path":${text(row.path)},"route":${text(row.route)},"view":${f.view ?? 0},"after":${row.after},"rate":${row.rate}` +
      `${origin}${commerce(f.commerce, context.currency)}"value":${f.value ?? 0},"duration_ms":${f.durationMs ?? 0},"depth":${f.depth ?? 0},"times":${f.times ?? 0},` +
      `${place(f.place)}${call(f.call)}${fault(f.fault)}"props":${map(f.props, true)}}`
    );
  };
};
