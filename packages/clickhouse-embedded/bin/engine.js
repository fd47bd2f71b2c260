/**
 * The engine's own process. Plain JavaScript on purpose: it is started by path, from the TypeScript sources as well as
 * from the built package, and neither may need a loader.
 *
 *   node engine.js <path of libchdb.so> <arguments of `clickhouse local`>
 *
 * `ffi-rs` runs the call on a thread of its own, with an ordinary stack: ClickHouse compares the stack pointer with the
 * thread's limits and gives up on libraries that switch stacks (koffi). Node's main thread stays free, so the closed
 * IPC channel of a dead parent is noticed at once.
 */
import { constants, openSync, write, writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';

import { DataType, load, open } from 'ffi-rs';

process.title = 'clickhouse-embedded';

const [library, ...settings] = process.argv.slice(2);
const args = ['clickhouse', ...settings, '--interactive', '--disable_suggestion', '--progress', 'off'];

/** Calls a function of libc that takes integers. */
const libc = (funcName, retType, ...paramsValue) =>
  load({ library: 'libc', funcName, retType, paramsType: paramsValue.map(() => DataType.I32), paramsValue });

/**
 * Puts a pseudo-terminal in place of standard input; returns the other end of it.
 * `clickhouse local` ends the whole process when the thread of a connection throws (a wrong password on the native
 * port, a client that hangs up in the middle of its greeting, bytes that are not HTTP), except when it believes that a
 * person sits in front of it: `--interactive` and a terminal.
 * O_NOCTTY: it must not become the controlling terminal, whose end would signal the engine.
 */
const giveTerminal = () => {
  open({ library: 'libc', path: 'libc.so.6' });
  const flags = constants.O_RDWR | constants.O_NOCTTY;
  const master = libc('posix_openpt', DataType.I32, flags);
  if (master < 0 || libc('unlockpt', DataType.I32, master) !== 0) throw new Error('no pseudo-terminal');
  const terminal = openSync(libc('ptsname', DataType.String, master), flags);
  if (libc('dup2', DataType.I32, terminal, 0) !== 0) throw new Error('no pseudo-terminal');
  return master;
};

/**
 * The supervisor started this process with a lower priority (`nice`). Where the kernel groups processes by session
 * (autogroup), that counts inside the group only, and the engine has a session of its own: the group gives way, too.
 */
const giveWay = () => {
  try {
    writeFileSync('/proc/self/autogroup', String(getPriority()));
  } catch {
    // no such grouping here
  }
};

const END_OF_INPUT = '\x04';
const PRESS_EVERY_MS = 200;
const PRESSES = 300;

/**
 * After a refused statement the engine waits at a prompt, for a person who is not there: end of input closes it. Nobody
 * reads the terminal while the engine serves, and the presses stay far below what it holds.
 */
const closePrompt = (master) => {
  let presses = 0;
  const timer = setInterval(() => {
    write(master, END_OF_INPUT, () => undefined);
    if (++presses === PRESSES) clearInterval(timer);
  }, PRESS_EVERY_MS);
};

// An engine nobody supervises would hold the directory and the ports for ever. SIGKILL, not exit: the engine's threads
// are running, and a killed engine is the one case that is tested all the time.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
if (!process.connected) {
  process.stderr.write('clickhouse-embedded: the engine is started by its supervisor, not by hand\n');
  process.exit(78);
}

giveWay();
closePrompt(giveTerminal());
open({ library: 'chdb', path: library });
await load({
  library: 'chdb',
  funcName: 'query_stable_v2',
  retType: DataType.External,
  paramsType: [DataType.I32, DataType.StringArray],
  paramsValue: [args.length, args],
  runInNewThread: true,
});
// The last statement never ends by itself: coming back means that a statement was refused; the reason is on stderr.
process.stderr.write('clickhouse-embedded: the engine returned\n');
process.exit(1);
