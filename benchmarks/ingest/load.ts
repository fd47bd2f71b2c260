import { connect } from 'node:net';
import { createBodies } from './bodies.js';

/**
 * Load generator, a process of its own: `load.ts <port> <events per request> <connections> <seconds> <first stream>`.
 * Closed loop: each connection sends its next request when the last one was answered. Prints one JSON line.
 */
const [port = 0, events = 10, connections = 32, seconds = 10, first = 0] = process.argv.slice(2).map(Number);
const bodies = createBodies(events, first, port);
const until = performance.now() + seconds * 1000;
const waits: number[] = [];
let accepted = 0;
let failed = 0;
let open = connections;

const finish = (): void => {
  open -= 1;
  if (open > 0) return;
  waits.sort((a, b) => a - b);
  const at = (q: number): number => waits[Math.min(waits.length - 1, Math.floor(q * waits.length))] ?? 0;
  process.stdout.write(
    `${JSON.stringify({ requests: waits.length, accepted, failed, p50Ms: at(0.5), p99Ms: at(0.99) })}\n`,
  );
};

for (let n = 0; n < connections; n++) {
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  let sentAt = 0;
  let text = '';
  const send = (): void => {
    if (performance.now() >= until) {
      socket.end();
      finish();
      return;
    }
    sentAt = performance.now();
    socket.write(bodies.next());
  };
  socket.on('connect', send);
  socket.on('error', (error) => {
    throw error;
  });
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    const head = text.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
    if (text.length < head + 4 + length) return;
    waits.push(performance.now() - sentAt);
    if (text.startsWith('HTTP/1.1 202')) accepted += Number(/"accepted":(\d+)/.exec(text)?.[1] ?? 0);
    else failed += 1;
    text = '';
    send();
  });
}
