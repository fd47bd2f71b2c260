import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { aBatch, send } from './support.js';

const PRLIMIT = '/usr/bin/prlimit';
const HANDLES = 300;
const SLOW = 400;

describe('slow clients', function () {
  this.timeout(180_000);
  let child: ChildProcess;
  let port: number;
  let sockets: Socket[] = [];

  before(async function () {
    if (!existsSync(PRLIMIT)) this.skip();
    child = spawn(
      PRLIMIT,
      [
        `--nofile=${HANDLES}:${HANDLES}`,
        process.execPath,
        '--import=tsx',
        '--conditions=source',
        fileURLToPath(new URL('serve.ts', import.meta.url)),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [line] = (await once(child.stdout!, 'data')) as [Buffer];
    port = Number(line.toString().trim());
  });
  after(() => {
    for (const socket of sockets) socket.destroy();
    child?.kill('SIGKILL');
  });

  /** Opens a connection, says `first` and then one byte a second. */
  const drip = (first: string): Promise<Socket> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(first);
        const timer = setInterval(() => socket.write('x'), 1000);
        socket.once('close', () => clearInterval(timer));
        resolve(socket);
      });
      socket.once('error', () => resolve(socket));
    });

  const probe = async (): Promise<boolean> => {
    try {
      return (await send(port, { body: JSON.stringify(aBatch({ sentAt: Date.now() })) })).status === 202;
    } catch {
      return false; // refused or cut: the probe counts it
    }
  };

  it(`are cut, and others are served: ${SLOW} of them against ${HANDLES} file handles`, async () => {
    expect(await probe()).to.equal(true);
    sockets = await Promise.all([
      ...Array.from({ length: SLOW / 2 }, () => drip('POST /v1/events HTTP/1.1\r\nHost: x\r\nX: ')),
      ...Array.from({ length: SLOW / 2 }, () =>
        drip('POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n'),
      ),
    ]);
    // the slow ones hold every connection now; they are given 3 s for headers and 10 s for a body
    let served = 0;
    for (let n = 0; n < 24; n++) {
      if (await probe()) served++;
      await new Promise((resolve) => setTimeout(resolve, 600));
    }
    expect(sockets.filter((socket) => !socket.destroyed)).to.have.length(0);
    expect(served, 'probes served').to.be.at.least(8);
    expect(await probe()).to.equal(true);
    expect(child.exitCode).to.equal(null);
  });
});
