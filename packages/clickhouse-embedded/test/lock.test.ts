import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';

import { EmbeddedError, start, type EngineEvent, type StartOptions } from '../src/index.js';
import { acquireLock } from '../src/lock.js';
import { identify } from '../src/process-identity.js';
import { freshDirectory } from './support/directory.js';
import { startOwner } from './support/owner-process.js';
import { isRunning, killStarted } from './support/processes.js';
import { ask } from './support/statement.js';
import { until } from './support/until.js';

const refusal = async (options: StartOptions): Promise<EmbeddedError> => {
  try {
    await (await start(options)).stop();
  } catch (error) {
    if (error instanceof EmbeddedError) return error;
    throw error;
  }
  throw new Error('it started');
};

describe('directory lock', () => {
  const { dir, remove } = freshDirectory();
  const options = { dir, httpPort: 0, tcpPort: 0 };
  const ownerFile = path.join(dir, 'owner.json');
  afterEach(killStarted);
  after(remove);

  it('refuses a second owner and names the first', async () => {
    const owner = await startOwner(dir);
    const error = await refusal(options);
    expect(error.code).to.equal('DIRECTORY_IN_USE');
    expect(error.exitCode).to.equal(78);
    expect(error.message).to.include(String(owner.pid)).and.not.include('\n');
    expect(await ask(owner.url, owner.credentials.reader, 'SELECT 1')).to.equal('1');
    process.kill(owner.pid, 'SIGKILL');
    await owner.ended;
  });

  it('takes over from an owner that was killed, and ends his stopped engine', async () => {
    const owner = await startOwner(dir);
    await ask(
      owner.url,
      owner.credentials.migrator,
      'CREATE TABLE lintel.t (n UInt8) ENGINE = MergeTree ORDER BY n',
    );
    await ask(owner.url, owner.credentials.migrator, 'INSERT INTO lintel.t VALUES (7)');
    // A stopped engine cannot notice that its parent is gone.
    process.kill(owner.enginePid, 'SIGSTOP');
    process.kill(owner.pid, 'SIGKILL');
    await owner.ended;
    expect(isRunning(owner.enginePid)).to.equal(true);

    const events: EngineEvent[] = [];
    const server = await start({ ...options, onEvent: (event) => events.push(event) });
    expect(events[0]).to.deep.equal({
      kind: 'lock_recovered',
      ownerPid: owner.pid,
      enginePid: owner.enginePid,
    });
    expect(isRunning(owner.enginePid)).to.equal(false);
    expect(server.credentials).to.deep.equal(owner.credentials);
    expect(await ask(server.url, server.credentials.migrator, 'SELECT n FROM lintel.t')).to.equal('7');
    await server.stop();
  });

  it('does not mistake another process with the same id for the owner', async () => {
    const self = identify(process.pid)!;
    writeFileSync(ownerFile, JSON.stringify({ owner: { ...self, startTicks: '1' }, engine: null }));
    (await acquireLock(dir)).release();
    writeFileSync(ownerFile, JSON.stringify({ owner: { ...self, bootId: 'yesterday' }, engine: null }));
    (await acquireLock(dir)).release();
    writeFileSync(ownerFile, JSON.stringify({ owner: self, engine: null }));
    const error = await acquireLock(dir).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(EmbeddedError).with.property('code', 'DIRECTORY_IN_USE');
  });

  it('replaces a file that says nothing', async () => {
    for (const text of ['', '{', '[]', '{"owner":{"pid":"x"}}']) {
      writeFileSync(ownerFile, text);
      const lock = await acquireLock(dir);
      expect(JSON.parse(readFileSync(ownerFile, 'utf8'))).to.have.nested.property('owner.pid', process.pid);
      lock.release();
    }
  });

  it('lets one of many win a stale file', async () => {
    const self = identify(process.pid)!;
    writeFileSync(ownerFile, JSON.stringify({ owner: { ...self, startTicks: '1' }, engine: null }));
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => acquireLock(dir)));
    const won = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    expect(won).to.have.length(1);
    won[0]!.value.release();
  });

  it('ends the engine when its owner is gone', async () => {
    const owner = await startOwner(dir);
    process.kill(owner.pid, 'SIGKILL');
    await owner.ended;
    await until('the engine is gone', () => !isRunning(owner.enginePid));
  });
});
