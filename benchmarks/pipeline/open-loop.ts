import { connect, type Socket } from 'node:net';
import { createBodies } from '../ingest/bodies.js';

/**
 * Load generator, a process of its own:
 * `open-loop.ts <port> <events a request> <events a second> <seconds> <connections> <first stream>`.
 * Open loop: requests leave when their time has come, whether or not others were answered, and a wait counts from that
 * time, so a slow server cannot hide its queue. Prints one JSON line.
 */
const [port = 0, events = 10, rate = 1000, seconds = 10, connections = 64, first = 0] = process.argv
  .slice(2)
  .map(Number);
const bodies = createBodies(events, first, port);
const gapMs = (1000 * events) / rate;
const startedAt = performance.now();
const total = Math.floor((seconds * 1000) / gapMs);

const waits: number[] = [];
const statuses: Record<string, number> = {};
let accepted = 0;
let duplicate = 0;
let answered = 0;
let sent = 0;
let latestMs = 0;
const idle: Connection[] = [];
const due: number[] = [];

interface Connection {
  socket: Socket;
  dueAt: number;
  text: string;
}

const finish = (): void => {
  waits.sort((a, b) => a - b);
  const at = (q: number): number => waits[Math.min(waits.length - 1, Math.floor(q * waits.length))] ?? 0;
  process.stdout.write(
    `${JSON.stringify({
      requests: answered,
      accepted,
      duplicate,
      statuses,
      seconds: (performance.now() - startedAt) / 1000,
      p50Ms: at(0.5),
      p95Ms: at(0.95),
      p99Ms: at(0.99),
      maxMs: at(1),
      latestMs,
    })}\n`,
    // a pipe is written later: leaving at once would cut the line
    () => process.exit(0),
  );
};

const send = (connection: Connection, dueAt: number): void => {
  connection.dueAt = dueAt;
  latestMs = Math.max(latestMs, performance.now() - dueAt);
  connection.socket.write(bodies.next());
};

const receive = (connection: Connection, chunk: Buffer): void => {
  connection.text += chunk.toString('latin1');
  const { text } = connection;
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return;
  const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
  if (text.length < head + 4 + length) return;
  connection.text = '';
  waits.push(performance.now() - connection.dueAt);
  const status = text.slice(9, 12);
  statuses[status] = (statuses[status] ?? 0) + 1;
  accepted += Number(/"accepted":(\d+)/.exec(text)?.[1] ?? 0);
  duplicate += Number(/"duplicate":(\d+)/.exec(text)?.[1] ?? 0);
  answered += 1;
  if (answered === total) finish();
  const next = due.shift();
  if (next === undefined) idle.push(connection);
  else send(connection, next);
};

for (let n = 0; n < connections; n++) {
  const connection: Connection = { socket: connect(port, '127.0.0.1'), dueAt: 0, text: '' };
  connection.socket.setNoDelay(true);
  connection.socket.on('connect', () => idle.push(connection));
  connection.socket.on('data', (chunk: Buffer) => receive(connection, chunk));
  connection.socket.on('error', (error) => {
    throw error;
  });
}

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
