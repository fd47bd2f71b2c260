import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { aBatch, send } from './support.js';

const PRLIMIT = '/usr/bin/prlimit';
const HANDLES = 300;
const SLOW = 400;
const READERS = 220;
const ASKED = 100;

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

  /** Asks again and again over one connection and reads nothing of what is answered. */
  const neverRead = (): Promise<Socket> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.pause();
        // 64 kB each: more than both ends of the kernel hold for one connection
        socket.write('GET /sdk/lintel.js HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(ASKED));
        resolve(socket);
      });
      socket.once('error', () => resolve(socket));
    });
  /** Connections that the server holds by now, from what the kernel shows of its file handles. */
  const held = (): number =>
    readdirSync(`/proc/${child.pid}/fd`).filter((handle) => {
      try {
        return readlinkSync(`/proc/${child.pid}/fd/${handle}`).startsWith('socket:');
      } catch {
        return false; // closed meanwhile
      }
    }).length;

  it(`that never read are cut, and others are served: ${READERS} of them`, async () => {
    expect(await probe()).to.equal(true);
    const before = held();
    sockets = await Promise.all(Array.from({ length: READERS }, neverRead));
    for (let n = 0; n < 90 && held() - before < READERS / 2; n++)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(held() - before, 'connections held').to.be.at.least(READERS / 2);
    let served = 0;
    for (let n = 0; n < 40 && served < 8; n++) {
      if (await probe()) served++;
      await new Promise((resolve) => setTimeout(resolve, 600));
    }
    expect(served, 'probes served').to.equal(8);
    // those that were let in last have their ten seconds, too
    for (let n = 0; n < 40 && held() - before > 2; n++)
      await new Promise((resolve) => setTimeout(resolve, 500));
    expect(held() - before, 'connections left').to.be.at.most(2);
    for (const socket of sockets) socket.destroy();
    expect(child.exitCode).to.equal(null);
  });

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
