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
import { DataType, load, open } from 'ffi-rs';

process.title = 'clickhouse-embedded';

const [library, ...settings] = process.argv.slice(2);
const args = ['clickhouse', ...settings];

// An engine nobody supervises would hold the directory and the ports for ever. SIGKILL, not exit: the engine's threads
// are running, and a killed engine is the one case that is tested all the time.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
if (!process.connected) {
  process.stderr.write('clickhouse-embedded: the engine is started by its supervisor, not by hand\n');
  process.exit(78);
}

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
