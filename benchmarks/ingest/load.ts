import { connect, type Socket } from 'node:net';
import { createBodies } from './bodies.js';

/**
 * Load generator, a process of its own: `load.ts <port> <events a request> <connections> <seconds> <events a second>`.
 * With a rate, open loop: requests leave when their time has come, whether or not others were answered, and a wait counts
 * from that time, so a slow server cannot hide its queue. Rate 0, closed loop: each connection sends its next request when
 * the last one was answered. Prints one JSON line (`Load` in processes.ts).
 */
const [port = 0, events = 10, connections = 64, seconds = 10, rate = 0] = process.argv.slice(2).map(Number);
const bodies = createBodies(events, port);
const closedLoop = rate === 0;
const gapMs = closedLoop ? 0 : (1000 * events) / rate;
const total = closedLoop ? Infinity : Math.floor((seconds * 1000) / gapMs);
/** An answer that has not come by then never will. */
const GIVE_UP_MS = 60_000;

interface Connection {
  socket: Socket;
  /** When the request in flight should have left; null while idle. */
  dueAt: number | null;
  text: string;
}

/** Waits in steps of 0.05 ms up to 60 s: ten minutes of requests in 10 MB. */
const STEP_MS = 0.05;
const counts = new Uint32Array(GIVE_UP_MS / STEP_MS + 1);
const statuses: Record<string, number> = {};
const idle: Connection[] = [];
const due: number[] = [];
let accepted = 0;
let duplicate = 0;
let answered = 0;
let broken = 0;
let sent = 0;
let latestMs = 0;
let startedAt = 0;
let finished = false;

const finish = (): void => {
  if (finished) return;
  finished = true;
  const at = (q: number): number => {
    let left = q * answered;
    const step = counts.findIndex((count) => (left -= count) <= 0);
    return (step + 0.5) * STEP_MS;
  };
  const result = {
    requests: answered,
    accepted,
    duplicate,
    statuses,
    broken,
    seconds: (performance.now() - startedAt) / 1000,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    maxMs: at(1),
    latestMs,
  };
  // a pipe is written later: leaving at once would cut the line
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
};

const isOver = (): boolean =>
  closedLoop ? performance.now() >= startedAt + seconds * 1000 : answered + broken >= total;

const send = (connection: Connection, dueAt: number): void => {
  const now = performance.now();
  connection.dueAt = dueAt;
  latestMs = Math.max(latestMs, now - dueAt);
  connection.socket.write(bodies.next());
};

const goOn = (connection: Connection): void => {
  connection.dueAt = null;
  if (isOver()) {
    // in a closed loop the others still wait for their answers
    connection.socket.destroy();
    if (!closedLoop || idle.push(connection) === connections) finish();
    return;
  }
  if (closedLoop) {
    send(connection, performance.now());
    return;
  }
  const next = due.shift();
  if (next === undefined) idle.push(connection);
  else send(connection, next);
};

const count = (text: string, name: string): number => {
  const at = text.indexOf(name);
  return at < 0 ? 0 : Number.parseInt(text.slice(at + name.length, at + name.length + 10), 10);
};

const receive = (connection: Connection, chunk: Buffer): void => {
  connection.text += chunk.toString('latin1');
  const { text } = connection;
  const head = text.indexOf('\r\n\r\n');
  if (head < 0 || connection.dueAt === null) return;
  if (text.length < head + 4 + count(text, 'Content-Length: ')) return;
  connection.text = '';
  const waited = performance.now() - connection.dueAt;
  counts[Math.min(counts.length - 1, Math.floor(waited / STEP_MS))]! += 1;
  const status = text.slice(9, 12);
  statuses[status] = (statuses[status] ?? 0) + 1;
  accepted += count(text, '"accepted":');
  duplicate += count(text, '"duplicate":');
  answered += 1;
  goOn(connection);
};

/** A server may close a connection that rests: another one takes its place, and what was in flight counts as broken. */
const open = (): Promise<void> =>
  new Promise((resolve) => {
    const connection: Connection = { socket: connect(port, '127.0.0.1'), dueAt: null, text: '' };
    connection.socket.setNoDelay(true);
    connection.socket.on('data', (chunk: Buffer) => receive(connection, chunk));
    connection.socket.on('error', () => {
      // `close` follows
    });
    connection.socket.once('connect', () => {
      resolve();
      if (startedAt > 0) goOn(connection);
      else idle.push(connection);
    });
    connection.socket.once('close', () => {
      if (finished || (closedLoop && isOver())) return;
      const at = idle.indexOf(connection);
      if (at >= 0) idle.splice(at, 1);
      if (connection.dueAt !== null) broken += 1;
      if (isOver()) finish();
      else setTimeout(() => void open(), 20);
    });
  });

await Promise.all(Array.from({ length: connections }, open));
startedAt = performance.now();
setTimeout(finish, seconds * 1000 + GIVE_UP_MS).unref();
if (closedLoop) for (const connection of idle.splice(0)) send(connection, startedAt);
else {
  const tick = setInterval(() => {
    const now = performance.now();
    while (sent < total && startedAt + sent * gapMs <= now) {
      const dueAt = startedAt + sent * gapMs;
      sent += 1;
      const connection = idle.pop();
      if (connection) send(connection, dueAt);
      else due.push(dueAt);
    }
    if (sent === total) clearInterval(tick);
  }, 1);
}
