/**
 * `npm test`: everything, in the order in which a mistake shows soonest. Prints each step's output as it comes, its time,
 * what failed once more,
 * and one closing line with the counts of all runners. `npm test -- system` runs only the steps whose name matches.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';

const PROGRAMS = [
  { program: 'redis-server', package: 'redis-server', paths: ['/usr/bin/redis-server'] },
  { program: 'chromium', package: 'chromium', paths: ['/usr/bin/chromium'] },
  { program: 'strace', package: 'strace', paths: ['/usr/bin/strace'] },
  // the browser's own store of certificates
  { program: 'certutil', package: 'libnss3-tools', paths: ['/usr/bin/certutil'] },
];

/** Each step: a name, a command. Counts are read from the closing lines of mocha and jest. */
const STEPS = [
  ['lockfile', ['node', 'tests/lockfile.mjs', '--check']],
  ['build', ['npm', 'run', '--silent', 'build']],
  ['types', ['npm', 'run', '--silent', 'typecheck']],
  ['lint', ['npm', 'run', '--silent', 'lint']],
  ['protocol', ['npm', 'test', '--silent', '--workspace', 'packages/protocol']],
  ['clickhouse-embedded', ['npm', 'test', '--silent', '--workspace', 'packages/clickhouse-embedded']],
  ['collector', ['npm', 'test', '--silent', '--workspace', 'packages/collector']],
  ['sdk', ['npm', 'test', '--silent', '--workspace', 'packages/sdk']],
  ['size', ['npm', 'run', 'size', '--silent', '--workspace', 'packages/sdk']],
  ['configurator', ['npm', 'test', '--silent', '--workspace', 'examples/configurator']],
  ['plugin-build', ['npm', 'run', 'build', '--silent', '--workspace', 'packages/grafana-plugin']],
  ['plugin', ['npm', 'test', '--silent', '--workspace', 'packages/grafana-plugin']],
  ['system', ['npm', 'test', '--silent', '--workspace', 'tests']],
  // a sample of every fault that is short; all of them, whole: npm run test:faults
  ['faults', ['npm', 'run', 'test:faults:sample', '--silent', '--workspace', 'tests']],
];

const say = (text) => process.stdout.write(`${text}\n`);

const install = () => {
  const missing = PROGRAMS.filter(({ paths }) => !paths.some(existsSync));
  if (missing.length === 0) return;
  const packages = missing.map((one) => one.package);
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    say(`Please install first: ${packages.join(' ')} (Debian: apt-get install ${packages.join(' ')})`);
    process.exit(1);
  }
  say(`installing ${packages.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Debian starts a package's service at once; the tests start their own servers
  spawnSync('sh', [
    '-c',
    'printf "#!/bin/sh\\nexit 101\\n" > /usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d',
  ]);
  const run = (args) =>
    spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
  const done =
    run(['update', '-qq']) && run(['install', '-y', '-qq', '--no-install-recommends', ...packages]);
  spawnSync('rm', ['-f', '/usr/sbin/policy-rc.d']);
  if (!done) {
    say('apt-get failed');
    process.exit(1);
  }
};

/** Runs a command, shows what it prints, and reads the counts of the runner's closing lines. */
const run = ([command, ...args]) =>
  new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, FORCE_COLOR: '0' },
    });
    let output = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (text) => {
      output += text;
      process.stdout.write(text);
    });
    child.on('close', (code) => {
      const sum = (pattern) => [...output.matchAll(pattern)].reduce((total, [, n]) => total + Number(n), 0);
      resolve({
        ok: code === 0,
        passed: sum(/^ {2}(\d+) passing/gm) + sum(/^Tests:.*?(\d+) passed/gm),
        failed: sum(/^ {2}(\d+) failing/gm) + sum(/^Tests:.*?(\d+) failed/gm),
        // what fell, to be said again at the end: whoever reads a log reads its end first
        failures: code === 0 ? '' : (/^ {2}\d+ failing[\s\S]*/m.exec(output)?.[0] ?? output.slice(-2_000)),
      });
    });
  });

install();
const wanted = process.argv.slice(2);
const steps = STEPS.filter(([name]) => wanted.length === 0 || wanted.includes(name));
let passed = 0;
let failed = 0;
const results = [];
const failures = [];
for (const [name, command] of steps) {
  say(`\n── ${name}`);
  const started = Date.now();
  const result = await run(command);
  const seconds = Math.round((Date.now() - started) / 1000);
  passed += result.passed;
  // a step that dies without naming a failed test has failed all the same
  failed += result.ok ? 0 : Math.max(1, result.failed);
  if (!result.ok) failures.push(`── ${name}\n${result.failures.slice(0, 6_000).trimEnd()}\n`);
  results.push(
    `${result.ok ? 'ok  ' : 'FAIL'} ${name.padEnd(20)} ${String(seconds).padStart(4)} s  ${result.passed || ''}`,
  );
}
if (failures.length > 0) say(`\n${failures.join('\n')}`);
say(`\n${results.join('\n')}\n`);
say(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
