import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { expect } from 'chai';

import { EmbeddedError, start, type StartOptions } from '../src/index.js';
import { spawnEngine } from '../src/engine-process.js';
import { findLibrary } from '../src/library.js';
import { freshDirectory } from './support/directory.js';

const refusal = async (options: StartOptions): Promise<EmbeddedError> => {
  try {
    await (await start(options)).stop();
  } catch (error) {
    if (error instanceof EmbeddedError) return error;
    throw error;
  }
  throw new Error('it started');
};

const taken = async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    free: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
};

describe('refusals', () => {
  const { dir, remove } = freshDirectory();
  const options = { dir, httpPort: 0, tcpPort: 0 };
  after(remove);

  const expectOneLine = (error: EmbeddedError): void => {
    expect(error.exitCode).to.equal(78);
    expect(error.message).not.to.include('\n');
    expect(existsSync(path.join(dir, 'owner.json')), 'the directory is free again').to.equal(false);
  };

  it('names a busy port', async () => {
    const { port, free } = await taken();
    for (const busy of [{ httpPort: port }, { tcpPort: port }]) {
      const error = await refusal({ ...options, ...busy });
      expect(error.code).to.equal('PORT_BUSY');
      expect(error.message).to.include(String(port));
      expectOneLine(error);
    }
    await free();
  });

  it('does not open data that a newer engine has written', async () => {
    mkdirSync(dir, { recursive: true });
    const file = path.join(dir, 'engine.json');
    writeFileSync(file, JSON.stringify({ package: '27.1.0-stable.1', engine: '27.1.0.1' }));
    const newer = await refusal(options);
    expect(newer.code).to.equal('DATA_NEWER');
    expect(newer.message).to.include('27.1.0');
    expectOneLine(newer);
    writeFileSync(file, '{');
    expect((await refusal(options)).code).to.equal('DATA_NEWER');
    writeFileSync(file, JSON.stringify({ package: '25.3.0-stable.1', engine: '25.3.0.1' }));
    await (await start(options)).stop();
  });

  it('does not invent new passwords beside unreadable ones', async () => {
    const file = path.join(dir, 'credentials.json');
    writeFileSync(file, '{ half');
    const error = await refusal(options);
    expect(error.code).to.equal('CREDENTIALS_BAD');
    expectOneLine(error);
    writeFileSync(file, '{}');
  });

  it('checks its options', async () => {
    for (const bad of [{ httpPort: 65_536 }, { tcpPort: 1.5 }, { database: 'a b' }, { userPrefix: "x'" }]) {
      const error = await refusal({ ...options, ...bad });
      expect(error.code, JSON.stringify(bad)).to.equal('BAD_OPTIONS');
      expectOneLine(error);
    }
  });

  it('ends at once, with the reason, when the engine refuses a statement of its start', async () => {
    const server = await start(options);
    await server.stop();
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(server.httpPort, '127.0.0.1', resolve));
    const engine = await spawnEngine({ dir, library: findLibrary().file, database: 'lintel' });
    await new Promise<void>((resolve) => engine.ended.addEventListener('abort', () => resolve()));
    expect(engine.exit()).to.deep.equal({ exitCode: 1, signal: null });
    expect(engine.logTail()).to.match(/Address already in use/);
    await new Promise<void>((resolve) => blocker.close(() => resolve()));
  });
});
