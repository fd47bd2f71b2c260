import { gunzipSync } from 'node:zlib';
import type { Batch } from '@lintel/protocol';
import { createDelivery, newTally, type Delivery, type StreamRecord } from '../../src/delivery/index.js';
import { sending } from '../../src/delivery/sending.js';
import { createGuard } from '../../src/lib/guard.js';
import type { State } from '../../src/state.js';
import {
  fakeClock,
  fakeRandom,
  fakeTransport,
  type FakeClock,
  type FakeTransport,
  type Request,
} from './fakes.js';

export type Sent = Omit<Batch, 'events'> & { events: { seq: number; note?: string }[] };
export const batchOf = ({ url, init }: Request): Sent =>
  JSON.parse(
    url.endsWith('?z=gzip') ? gunzipSync(init.body as Uint8Array).toString('utf8') : (init.body as string),
  ) as Sent;

export const json = (status: number, body: object, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers });

/** Answers as the collector does when all is well. */
export const accept = (request: Request): Response =>
  json(202, { accepted: batchOf(request).events.length, duplicate: 0, rejected: [] });
export const down = (): never => {
  throw new TypeError('network');
};

export const aStream = (id: string, more: Partial<StreamRecord> = {}): StreamRecord => ({
  id,
  key: 'pk_test',
  url: 'https://c.test/v1/events',
  level: 'statistics',
  visitor: 'v',
  session: 's',
  page: {},
  own: {},
  lost: {},
  ...more,
});

export interface Bench {
  clock: FakeClock;
  transport: FakeTransport;
  delivery: Delivery;
  state: State;
  stream: StreamRecord;
  /** Adds the next event of the stream. */
  add(rank?: number, urgent?: boolean, size?: number): void;
  deleted: number;
  faults: unknown[];
  tally: ReturnType<typeof newTally>;
}

/** A delivery on fake time, chance, network and, if given, a fake IndexedDB: one tab of a browser. */
export const aTab = ({
  storage,
  locks,
  clock = fakeClock(),
  transport = fakeTransport(accept),
  stream = aStream('stream-1'),
  seed = 1,
}: {
  storage?: IDBFactory;
  locks?: LockManager;
  clock?: FakeClock;
  transport?: FakeTransport;
  stream?: StreamRecord;
  seed?: number;
} = {}): Bench => {
  let seq = 0;
  const tally = newTally();
  const faults: unknown[] = [];
  const state: State = {
    seams: { clock, random: fakeRandom(seed), transport, storage, locks, channel: undefined },
    options: { key: 'pk_test' },
    guard: createGuard(() => {}),
    fault: (reason) => void faults.push(reason),
    tally,
    level: stream.level,
    stream,
    live: true,
    totals: stream.own,
    visitor: 'v',
    session: { id: 's', startedAt: clock.now(), lastAt: clock.now() },
    view: { seq: 0, path: '/', startedMs: 0 },
    late: {},
  };
  const bench: Bench = {
    tally,
    clock,
    transport,
    stream,
    state,
    deleted: 0,
    faults,
    delivery: createDelivery(state, () => void bench.deleted++),
    add(rank = 0, urgent = rank === 0, size = 0) {
      const event = { seq: seq++, at: clock.now(), type: 'custom', ...(size && { note: 'x'.repeat(size) }) };
      const type = rank ? (['click', 'scroll'] as const)[rank - 1]! : urgent ? 'custom' : 'page_view';
      bench.delivery.append(type, clock.now(), JSON.stringify(event));
    },
  };
  bench.delivery.enrich(sending);
  return bench;
};
export const numbers = (requests: readonly Request[]): number[] =>
  requests.flatMap((request) => batchOf(request).events.map(({ seq }) => seq));
