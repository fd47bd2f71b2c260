/**
 * Load of the public contract by k6, open loop: steady, spike, soak, and a mix of good and bad requests.
 *
 *   npm run bench -- k6 [--write] [--rate=100] [--seconds=30] [--only=steady,mix]
 *
 * Takes the `k6` on the PATH or in Go's folder of binaries; else builds one where Go is installed; else says that it
 * measured nothing.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { settle, stored } from './pipeline/books.js';
import { createReport, number, option } from './pipeline/report.js';
import { startStack } from './pipeline/stack.js';

const SCRIPTS = ['steady', 'spike', 'soak', 'mix'] as const;
const wanted = process.argv.find((argument) => argument.startsWith('--only='))?.slice('--only='.length);
const scripts = SCRIPTS.filter((script) => wanted === undefined || wanted.split(',').includes(script));
const RATE = option('rate', 100);
const SECONDS = option('seconds', 30);
const BUILD_MS = 600_000;

const output = (command: string, args: readonly string[]): string | null => {
  try {
    return String(execFileSync(command, args, { stdio: ['ignore', 'pipe', 'ignore'] })).trim();
  } catch {
    return null;
  }
};

/** Path of k6, or null. */
const findK6 = (): string | null => {
  if (output('k6', ['version']) !== null) return 'k6';
  const folder = output('go', ['env', 'GOPATH']);
  if (folder === null) return null;
  const binary = join(folder, 'bin', 'k6');
  if (existsSync(binary)) return binary;
  process.stdout.write('no k6: building it with Go\n');
  try {
    execFileSync('go', ['install', 'go.k6.io/k6@latest'], {
      stdio: 'ignore',
      timeout: BUILD_MS,
      env: { ...process.env, GOFLAGS: '-p=1' },
    });
  } catch {
    return null;
  }
  return existsSync(binary) ? binary : null;
};

const k6 = findK6();
if (k6 === null) {
  process.stdout.write('k6 is not installed and cannot be built here: nothing was measured\n');
  process.exit(0);
}

interface Summary {
  requests: number;
  perSecond: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  /** Requests that k6 itself could not send in time. */
  dropped: number;
  checks: number;
  statuses: Record<string, number>;
  failed: string[];
}

const SECRET = 'a-secret-of-the-benchmark-0123456789abcdef';
const dataDir = mkdtempSync(join(tmpdir(), 'lintel-bench-k6-'));
mkdirSync(dataDir, { recursive: true });
copyFileSync(
  fileURLToPath(new URL('../examples/configurator/src/catalogue.json', import.meta.url)),
  join(dataDir, 'catalogue.json'),
);
const stack = await startStack({
  LINTEL_DATA_DIR: dataDir,
  // each request names an address of its own
  LINTEL_TRUST_PROXY: '1',
  LINTEL_SITES: JSON.stringify([
    { id: 1, key: 'pk_bench', origins: ['https://nest.example'], serverKeys: [`sk_bench_${SECRET}`] },
  ]),
});

const runScript = async (script: string): Promise<Summary> => {
  const child = spawn(k6, ['run', '--quiet', '--no-usage-report', `${script}.js`], {
    cwd: fileURLToPath(new URL('./k6/', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      BASE_URL: `http://127.0.0.1:${stack.publicPort}`,
      KEY: 'pk_bench',
      ORIGIN: 'https://nest.example',
      SERVER_KEY: `sk_bench_${SECRET}`,
      RATE: String(RATE),
      SECONDS: String(SECONDS),
    },
  });
  let text = '';
  child.stdout!.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(child, 'close');
  const line = /^#summary (.+)$/m.exec(text)?.[1];
  if (line === undefined) throw new Error(`${script} ended with ${child.exitCode} and no summary`);
  return JSON.parse(line) as Summary;
};

const report = createReport('k6', 'The public contract under k6', [
  `${output(k6, ['version']) ?? 'k6'}; generator, collector (one process), Redis and ClickHouse share these cores.`,
  'Open loop; the scripts and their thresholds are in `k6/`.',
]);
try {
  for (const script of scripts) {
    report.section(`${script}.js, ${RATE} requests/s, ${SECONDS} s`);
    const summary = await runScript(script);
    report.row('requests; a second', `${number(summary.requests)}; ${number(summary.perSecond)}`);
    report.row(
      'p50 / p95 / p99 ms',
      [summary.p50Ms, summary.p95Ms, summary.p99Ms].map((ms) => number(ms, 1)).join(' / '),
    );
    report.row('answers', JSON.stringify(summary.statuses));
    report.row('answers as expected', `${number(100 * summary.checks, 2)} %`);
    report.row('not sent by k6 in time', number(summary.dropped));
    report.row('thresholds missed', summary.failed.length === 0 ? 'none' : summary.failed.join('; '));
    if (summary.failed.length > 0) process.exitCode = 1;
    report.save();
  }
  const { accepted } = await settle(stack);
  const { rows, distinct } = await stored(stack);
  report.section('Afterwards');
  report.row(
    'accepted / stored / doubled',
    `${number(accepted)} / ${number(rows)} / ${number(rows - distinct)}`,
  );
  if (accepted !== distinct || rows !== distinct) process.exitCode = 1;
} catch (error) {
  report.row('did not finish', String(error));
  process.exitCode = 1;
} finally {
  report.save();
}
await stack.stop();
rmSync(dataDir, { recursive: true, force: true });
process.exit();
