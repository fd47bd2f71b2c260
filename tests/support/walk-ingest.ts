import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { CrashPoint } from '../../packages/collector/test/flush/support/crash-points.js';
import { inject } from '../../packages/collector/test/flush/support/strace.js';
import type { Collector } from './collector.js';
import { startIngest, type IngestProcess } from './ingest-process.js';
import { aBatch, send, type Reply } from './send.js';
import { settled } from './settled.js';
import { SITE } from './site.js';
import { until } from './until.js';

/** Every way in which an ingest process changes something outside of itself. */
export const INGEST_SYSCALLS = [
  'write',
  'writev',
  'pwrite64',
  'pwritev',
  'sendto',
  'sendmsg',
  'fsync',
  'fdatasync',
  'msync',
  'ftruncate',
  'rename',
  'openat',
] as const;

/** One kill, and what its senders were told. */
interface Visit {
  syscall: string;
  when: number;
  killed: boolean;
  /** Stream → events that were answered 202. */
  streams: Map<string, number>;
  /** Id of the inquiry that was answered 201. */
  inquiry: string;
}

const MONTH_MS = 29 * 86_400_000;

const events = (first: number, count: number, at: number): Record<string, unknown>[] =>
  Array.from({ length: count }, (_, n) => ({ seq: first + n, at, type: 'page_view', path: '/konfigurator' }));

/**
 * Sends as the SDK does: what got no answer is sent again, unchanged, to who is left.
 * @throws when an answer is neither 202 nor a request for patience
 */
const deliver = async (
  victim: IngestProcess,
  survivor: string,
  sent: { body: string | Uint8Array; path?: string },
): Promise<Reply> => {
  for (;;) {
    const origin = victim.program.running() ? victim.url : survivor;
    // inquiries are limited by address: every one comes from another
    const address = `10.${[1, 2, 3].map(() => Math.floor(Math.random() * 256)).join('.')}`;
    const headers = { 'content-type': 'application/json', 'x-forwarded-for': address };
    const reply = await send(origin, { headers, ...sent }).catch(() => null);
    if (reply && reply.status >= 200 && reply.status < 300) return reply;
    if (reply && reply.status !== 503)
      throw new Error(`answered ${reply.status} ${JSON.stringify(reply.body)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

/** One of each: plain, gzip with the end of another stream, two months in one request, a repeat, an inquiry. */
const visitorsOf = async (
  victim: IngestProcess,
  survivor: string,
): Promise<Pick<Visit, 'streams' | 'inquiry'>> => {
  const streams = new Map<string, number>();
  const expectTaken = (reply: Reply, count: number): void => {
    const { accepted = 0, duplicate = 0, rejected = [] } = reply.body;
    if (reply.status !== 202 || rejected.length > 0 || accepted + duplicate !== count)
      throw new Error(`not all was taken: ${JSON.stringify(reply.body)}`);
  };
  const stream = (count: number): string => {
    const name = randomUUID();
    streams.set(name, count);
    return name;
  };
  const now = Date.now();
  const plain = JSON.stringify(aBatch({ stream: stream(3), events: events(0, 3, now) }));
  expectTaken(await deliver(victim, survivor, { body: plain }), 3);

  const ended = [{ stream: [...streams.keys()][0], count: 3 }];
  const packed = gzipSync(JSON.stringify(aBatch({ stream: stream(10), ended, events: events(0, 10, now) })));
  expectTaken(await deliver(victim, survivor, { body: packed, path: '/v1/events?z=gzip' }), 10);

  const months = [...events(0, 2, now - MONTH_MS), ...events(2, 2, now)];
  expectTaken(
    await deliver(victim, survivor, { body: JSON.stringify(aBatch({ stream: stream(4), events: months })) }),
    4,
  );

  const again = await deliver(victim, survivor, { body: plain });
  if (again.body.duplicate !== 3)
    throw new Error(`a repeat was not recognised: ${JSON.stringify(again.body)}`);

  const inquiry = {
    key: SITE.key,
    contact: { name: 'Somebody', email: `${randomUUID()}@example.at` },
    elapsedMs: 42_000,
  };
  const { body } = await deliver(victim, survivor, {
    body: JSON.stringify(inquiry),
    path: '/v1/inquiries',
  });
  return { streams, inquiry: String((body as { id?: string }).id) };
};

export interface IngestWalk {
  /** Trusts one proxy: its visitors come from many addresses. */
  collector: Collector;
  syscalls?: readonly string[];
  /** Most points of a system call. @default all */
  most?: number;
  onPoint?: (point: Visit) => void;
}

/**
 * Kills an ingest process at its `when`-th call of each system call while visitors send, lets them repeat to another
 * one, and counts at the end. A system call is through when two points in a row were survived.
 * @returns the points, and all that was acknowledged
 */
export const walkIngest = async ({
  collector,
  syscalls = INGEST_SYSCALLS,
  most = Infinity,
  onPoint,
}: IngestWalk): Promise<{ points: CrashPoint[]; acknowledged: Map<string, number> }> => {
  const visits: Visit[] = [];
  const visit = async (syscall: string, when: number): Promise<Visit> => {
    const victim = await startIngest(collector);
    const strace = await inject(victim.program.pid, syscall, `signal=SIGKILL:when=${when}`);
    const told = await visitorsOf(victim, collector.publicUrl);
    // the answer was heard before the process died: give it the moment to do so
    await new Promise((resolve) => setTimeout(resolve, 20));
    const killed = !victim.program.running();
    await strace.detach();
    await victim.program.kill();
    return { syscall, when, killed, ...told };
  };
  for (const syscall of syscalls) {
    for (let when = 1, survivals = 0; survivals < 2 && when <= most; when += 1) {
      const point = await visit(syscall, when);
      visits.push(point);
      onPoint?.(point);
      survivals = point.killed ? 0 : survivals + 1;
    }
  }
  const { difference } = await settled(collector);
  const stored = await countStored(collector);
  const asked = visits.map(({ inquiry }) => inquiry);
  // inquiries travel beside the events, and no line of the ledger says when they are there
  await until('every inquiry is stored', async () => {
    const stored = await storedInquiries(collector);
    return asked.every((id) => stored.has(id));
  }).catch(() => null);
  const inquiries = await storedInquiries(collector);
  const points = visits.map(({ syscall, when, killed, streams, inquiry }) => {
    const of = [...streams].map(([stream, count]) => ({ count, ...stored.get(stream) }));
    return {
      syscall,
      when,
      killed,
      lost: of.reduce(
        (sum, { count, distinct = 0 }) => sum + count - distinct,
        inquiries.has(inquiry) ? 0 : 1,
      ),
      doubled: of.reduce((sum, { rows = 0, distinct = 0 }) => sum + rows - distinct, 0),
      difference,
    };
  });
  return { points, acknowledged: new Map(visits.flatMap(({ streams }) => [...streams])) };
};

const countStored = async ({
  database,
}: Collector): Promise<Map<string, { rows: number; distinct: number }>> => {
  const rows = await until('the database answers', () =>
    database
      .rows<{ stream: string; rows: number; distinct: number }>(
        `SELECT toString(stream) AS stream, count() AS rows, uniqExact(seq) AS distinct FROM lintel.events
         WHERE site_id = ${SITE.id} AND NOT startsWith(type, 'stream_') GROUP BY stream`,
      )
      .catch(() => null),
  );
  return new Map(rows.map((row) => [row.stream, row]));
};

const storedInquiries = async ({ database }: Collector): Promise<Set<string>> => {
  const rows = await database.rows<{ id: string }>('SELECT toString(inquiry_id) AS id FROM lintel.inquiries');
  return new Set(rows.map(({ id }) => id));
};
