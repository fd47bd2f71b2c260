import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { expect } from 'chai';

import type { CredentialsByRole } from '../src/index.js';
import { freshDirectory } from './support/directory.js';
import { isRunning, killStarted, startNode } from './support/processes.js';
import { ask } from './support/statement.js';
import { until } from './support/until.js';

/** The command as `npx` would start it, from sources. */
const cli = (...args: string[]) => startNode('test/support/cli.ts', args);

describe('command line', () => {
  const { dir, remove } = freshDirectory();
  afterEach(killStarted);
  after(remove);

  it('prints where the server is, serves, and ends on Ctrl-C', async () => {
    const started = cli('--http-port', '0', '--tcp-port', '0', '--path', dir, '--database', 'shop');
    const url = await until('the address', () => {
      if (started.child.exitCode !== null) throw new Error(started.stderr());
      return /^ClickHouse +(http:\S+)$/m.exec(started.stdout())?.[1];
    });
    await until('all lines', () => started.stdout().includes('credentials.json'));
    expect(started.stdout()).to.match(/^native protocol 127\.0\.0\.1:\d+$/m);
    const file = /^credentials +(\S+)$/m.exec(started.stdout())![1]!;
    const { migrator } = JSON.parse(readFileSync(file, 'utf8')) as CredentialsByRole;
    expect(await ask(url, migrator, "SELECT count() FROM system.databases WHERE name = 'shop'")).to.equal(
      '1',
    );
    const { engine } = JSON.parse(readFileSync(`${dir}/owner.json`, 'utf8')) as { engine: { pid: number } };
    started.child.kill('SIGINT');
    expect(await started.ended).to.deep.equal({ exitCode: 0, signal: null });
    expect(started.stderr()).to.equal('');
    expect(isRunning(engine.pid)).to.equal(false);
  });

  it('ends with 78 and one line when something has to be changed first', async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
    const { port } = blocker.address() as AddressInfo;
    const wrong = [
      [],
      ['--path', dir, '--no-such'],
      ['--path', dir, '--http-port', 'x'],
      ['--path', dir, '--http-port', ''],
      ['--path', dir, '--http-port', String(port), '--tcp-port', '0'],
    ];
    for (const args of wrong) {
      const started = cli(...args);
      expect(await started.ended, args.join(' ')).to.deep.equal({ exitCode: 78, signal: null });
      expect(started.stderr().trimEnd().split('\n'), args.join(' ')).to.have.length(1);
      expect(started.stdout()).to.equal('');
    }
    await new Promise<void>((resolve) => blocker.close(() => resolve()));
  });

  it('explains itself', async () => {
    const started = cli('--help');
    expect(await started.ended).to.deep.equal({ exitCode: 0, signal: null });
    expect(started.stdout()).to.include('--path DIR');
  });
});
