import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { Address } from './config.js';
import { relayExchange } from './ingest/index.js';
import type { Log } from './log.js';
import type { PublicPort } from './public-port.js';

export interface WorkersOptions {
  count: number;
  /** Port 0: a free one is chosen once, and stays when all workers die at once. */
  address: Address;
  log: Log;
  /** Longest time the first listener may take. @default 30 000 */
  startMs?: number;
}

const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 5000;
/** A worker that lived so long did not die of its start. */
const STEADY_MS = 30_000;

const freePort = async (host: string): Promise<number> => {
  const probe = createServer().listen(0, host);
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
};

/**
 * The public port in `count` processes behind one listening socket; this process restarts what dies. Processes, not threads: no flush and no query shares an event loop, a heap or a fate with an acknowledgement.
 * A worker runs this program again and finds out by `cluster.isWorker` what it is.
 * @throws when no worker listens in time
 */
export const startIngestWorkers = async ({
  count,
  address: { host, port: wanted },
  log,
  startMs = 30_000,
}: WorkersOptions): Promise<PublicPort> => {
  // Workers accept on the shared socket themselves: what this process hands to a worker that is just dying would wait for
  // an answer until its sender gives up.
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  const port = wanted === 0 ? await freePort(host) : wanted;
  let stopping = false;
  let delayMs = FIRST_DELAY_MS;
  let timers: NodeJS.Timeout[] = [];
  const workers = new Set<Worker>();
  const stopRelay = relayExchange();

  const fork = (): void => {
    const startedAt = performance.now();
    const worker = cluster.fork({ LINTEL_PUBLIC_PORT: `${host}:${port}` });
    workers.add(worker);
    worker.once('exit', (code, signal) => {
      workers.delete(worker);
      if (stopping) return;
      delayMs =
        performance.now() - startedAt > STEADY_MS ? FIRST_DELAY_MS : Math.min(LONGEST_DELAY_MS, delayMs * 2);
      log.error('ingest.worker_died', { pid: worker.process.pid, code, signal, againInMs: delayMs });
      const timer = setTimeout(() => {
        timers = timers.filter((one) => one !== timer);
        if (!stopping) fork();
      }, delayMs);
      timers.push(timer);
    });
  };

  const stop = async (): Promise<void> => {
    stopping = true;
    for (const timer of timers) clearTimeout(timer);
    const exits = [...workers].map((worker) => once(worker, 'exit'));
    for (const worker of workers) worker.process.kill('SIGTERM');
    await Promise.all(exits);
    stopRelay();
  };

  const listening = once(cluster, 'listening').then(() => true);
  for (let n = 0; n < count; n++) fork();
  const late = new Promise<boolean>((resolve) => setTimeout(resolve, startMs, false).unref());
  if (!(await Promise.race([listening, late]))) {
    await stop();
    throw new Error(`no ingest process listened within ${startMs} ms`);
  }
  return { port, close: stop };
};
