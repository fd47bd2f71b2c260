import { gzipSync } from 'node:zlib';
import type { Buffer as MemberBuffer, Unit } from '../../packages/collector/src/buffer/buffer.js';

/** Rows of one unit, as ingest forms them under load. */
const UNIT_ROWS = 100;
/** Rows of one stream: a visit. */
const STREAM_ROWS = 40;

const OPTIONS = [
  'facade=larch',
  'facade=fibre',
  'floor=oak',
  'windows=triple',
  'photovoltaics=6kwp',
  'heating=pump',
];
const TYPES = ['page_view', 'click', 'option_select', 'price_view', 'scroll', 'vital', 'config', 'request'];
const stamp = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
const streamOf = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;

/** Seeded, so that two runs store the same bytes. Source: Park & Miller (1988). */
const createRandom = (seed: number): (() => number) => {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
};

const rowOf = (n: number, ts: number, random: () => number): string => {
  const stream = Math.floor(n / STREAM_ROWS);
  const [group, option] = OPTIONS[Math.floor(random() * OPTIONS.length)]!.split('=') as [string, string];
  return JSON.stringify({
    site_id: 1,
    ts: stamp(ts),
    received: stamp(ts).slice(0, 19),
    stream: streamOf(stream),
    seq: n % STREAM_ROWS,
    sdk: '0.1.0',
    type: TYPES[Math.floor(random() * TYPES.length)],
    visitor: String(10_000_000_000_000_000n + BigInt(stream >> 2)),
    session: String(20_000_000_000_000_000n + BigInt(stream)),
    consent: 'statistics',
    path: '/konfigurator',
    route: '/konfigurator',
    view: 1,
    rate: 1,
    channel: 'search',
    country: 'AT',
    language: 'de-AT',
    device: random() < 0.6 ? 'mobile' : 'desktop',
    browser: 'Chrome 130',
    os: 'Android 14',
    model: `nest-${80 + Math.floor(random() * 5) * 20}`,
    option_group: group,
    option,
    config_hash: String(Math.floor(random() * 4e9)),
    price_cents: 15_000_000 + Math.floor(random() * 9_000_000),
    currency: 'EUR',
    element: `#options > li:nth-child(${Math.floor(random() * 9)})`,
    ex: Math.floor(random() * 32_767),
    ey: Math.floor(random() * 32_767),
    vw: 412,
    vh: 915,
  });
};

/** Units of `rows` rows with numbers from `first`; today only, so that one lane is measured. */
export const backlogUnits = function* (first: number, rows: number): Generator<Unit> {
  const random = createRandom(1 + first);
  const now = Date.now();
  const [year, month, day] = stamp(now).slice(0, 10).split('-') as [string, string, string];
  for (let from = first; from < first + rows; from += UNIT_ROWS) {
    const lines = Array.from({ length: UNIT_ROWS }, (_, i) => rowOf(from + i, now, random));
    yield {
      lane: { table: 'events', month: year + month, doubt: false },
      member: gzipSync(`${lines.join('\n')}\n`, { level: 1 }),
      rows: UNIT_ROWS,
      identities: lines.map((_, i) => ({
        stream: streamOf(Math.floor((from + i) / STREAM_ROWS)),
        seq: (from + i) % STREAM_ROWS,
      })),
      sites: new Map([[1, UNIT_ROWS]]),
      days: 1 << (Number(day) - 1),
    };
  }
};

/** Appends with some calls in flight, as many requests do. */
export const appendAll = async (
  buffer: Pick<MemberBuffer, 'append'>,
  units: Iterable<Unit>,
): Promise<void> => {
  const waiting = new Set<Promise<unknown>>();
  for (const unit of units) {
    const call = buffer.append(0, unit).finally(() => waiting.delete(call));
    waiting.add(call);
    if (waiting.size >= 64) await Promise.race(waiting);
  }
  await Promise.all(waiting);
};
