import { setTimeout as sleep } from 'node:timers/promises';

import type { Credentials } from './credentials.js';
import type { EngineProcess } from './engine-process.js';
import { query, reserveQuery } from './http-client.js';

const BEGIN_TIMEOUT_MS = 1000;
const STATEMENT_TIMEOUT_MS = 3000;

/** Pauses between looks at the running queries; their sum, five seconds, is what a query may still take. */
const LOOK_AFTER_MS = [0, 50, 100, 200, 400, 800, 1600, 1850];

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
  const ask = (sql: string) => query({ port, credentials: supervisor, sql, timeoutMs: STATEMENT_TIMEOUT_MS });
  // After STOP LISTEN the engine closes a connection once its request is answered, idle ones at their next request:
  // only requests that it has taken already are still served. So all that will be asked is taken before.
  const reserve = () => reserveQuery({ port, credentials: supervisor });
  const looks = LOOK_AFTER_MS.map((pauseMs) => ({ pauseMs, call: reserve() }));
  const flush = reserve();
  const running = `SELECT count() FROM system.processes WHERE user NOT IN ('', '${supervisor.user}')`;
  let left = 0;
  try {
    const begun = Promise.all([...looks.map(({ call }) => call.begin()), flush.begin()]).then(() => true);
    if (!(await Promise.race([begun, sleep(BEGIN_TIMEOUT_MS, false)]))) return left;
    const stopped = [await ask('SYSTEM STOP LISTEN TCP'), await ask('SYSTEM STOP LISTEN HTTP')];
    if (stopped.some(({ kind }) => kind === 'unreachable')) return left;
    for (const { pauseMs, call } of looks) {
      await sleep(pauseMs);
      const answer = await call.send(running, STATEMENT_TIMEOUT_MS);
      left = answer.kind === 'ok' ? Number(answer.text) : 0;
      if (left === 0) break;
    }
    await flush.send('SYSTEM FLUSH LOGS', STATEMENT_TIMEOUT_MS);
    return left;
  } finally {
    for (const { call } of looks) call.drop();
    flush.drop();
    await engine.kill();
  }
};
