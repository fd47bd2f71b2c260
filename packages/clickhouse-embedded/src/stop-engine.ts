import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Credentials } from './credentials.js';
import type { EngineProcess } from './engine-process.js';
import { query } from './http-client.js';

const QUERIES_MAY_TAKE_MS = 5000;
const STATEMENT_TIMEOUT_MS = 3000;
const POLL_MS = 100;

/**
 * Takes no new connections, lets running queries end (5 s at most), writes the logs, kills.
 * SIGKILL is the way out on purpose: it is what a crash does, so it is tested all the time. Never `SYSTEM SHUTDOWN`,
 * which signals the process group. An engine that does not answer is killed at once.
 * @returns the number of queries that were cut off
 */
export const stopEngine = async (options: {
  engine: EngineProcess;
  httpPort: number;
  supervisor: Credentials;
}): Promise<number> => {
  const { engine, httpPort: port, supervisor } = options;
  // One connection for everything: after STOP LISTEN there is no other.
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (sql: string) =>
    query({ port, credentials: supervisor, sql, timeoutMs: STATEMENT_TIMEOUT_MS, agent });
  let running = 0;
  try {
    let answer = await ask('SYSTEM STOP LISTEN TCP');
    if (answer.kind !== 'unreachable') answer = await ask('SYSTEM STOP LISTEN HTTP');
    const deadline = Date.now() + QUERIES_MAY_TAKE_MS;
    while (answer.kind !== 'unreachable') {
      answer = await ask(`SELECT count() FROM system.processes WHERE user NOT IN ('', '${supervisor.user}')`);
      running = answer.kind === 'ok' ? Number(answer.text) : 0;
      if (running === 0 || Date.now() >= deadline) break;
      await sleep(POLL_MS);
    }
    if (answer.kind !== 'unreachable') await ask('SYSTEM FLUSH LOGS');
  } finally {
    agent.destroy();
    await engine.kill();
  }
  return running;
};
