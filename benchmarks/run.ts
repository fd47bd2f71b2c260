/**
 * `npm run bench [-- name…]`: runs the benchmarks one after the other (never at once: they would measure each other)
 * and prints where they ran. Each is a program of its own that prints its table and, with `--write`, keeps it in
 * `results/`.
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const all = readdirSync(here)
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts')
  .map((file) => file.slice(0, -3))
  .sort();

const run = (name: string, args: readonly string[]): Promise<number> =>
  new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--conditions', 'source', `${here}${name}.ts`, ...args],
      { stdio: 'inherit', cwd: here },
    );
    // what is stopped from outside takes its servers along
    const stop = (): void => void child.kill('SIGTERM');
    process.on('SIGTERM', stop);
    child.on('close', (code) => {
      process.off('SIGTERM', stop);
      resolve(code ?? 1);
    });
  });

const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const flags = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const unknown = names.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`unknown benchmark ${unknown.join(', ')}; there are: ${all.join(', ')}\n`);
  process.exit(2);
}

const [cpu] = cpus();
process.stdout.write(
  `${cpus().length} × ${cpu?.model ?? 'unknown'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}\n`,
);
let failed = 0;
for (const name of names.length > 0 ? names : all) {
  process.stdout.write(`\n── ${name}\n`);
  if ((await run(name, flags)) !== 0) {
    failed += 1;
    process.stdout.write(`${name} did not finish\n`);
  }
}
process.exit(failed === 0 ? 0 : 1);
