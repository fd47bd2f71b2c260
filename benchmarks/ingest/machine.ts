import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';

/** Where a benchmark ran, as results state it. */
export const machine = (): string => {
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu?.model ?? 'unknown'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}`;
};

export const redisVersion = (): string =>
  /v=([\d.]+)/.exec(String(execFileSync('redis-server', ['--version'])))?.[1] ?? 'unknown';
