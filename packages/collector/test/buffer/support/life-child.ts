/** Lives until its n-th call of the buffer, then kills itself: before the call, or while it is under way. */
import { openDisk } from '../../../src/buffer/disk.js';
import { createRedisBuffer } from '../../../src/buffer/redis.js';
import { systemClock } from '../../../src/clock.js';
import { silentLog } from '../../../src/log.js';
import { live, type Around } from './life.js';

const [kind, where, table, mode, n] = process.argv.slice(2) as [string, string, string, string, string];
const die = (): void => {
  process.kill(process.pid, 'SIGKILL');
};

let calls = 0;
const around: Around = async (_name, call) => {
  calls += 1;
  if (calls < Number(n)) return call();
  if (mode === 'during') {
    const under = call();
    // the command is on its way, the transaction is begun: the answer will not be heard
    setImmediate(die);
    return under;
  }
  die();
  return new Promise(() => {});
};

const common = { clock: systemClock, log: silentLog, seenTtlMs: 86_400_000 };
const buffer =
  kind === 'disk'
    ? openDisk({ ...common, dir: where, reserveBytes: 0 })
    : createRedisBuffer({ ...common, url: where, timeoutMs: 5000 });
if ('prepare' in buffer) await buffer.prepare();
await live(buffer, table, around);
await buffer.close();
