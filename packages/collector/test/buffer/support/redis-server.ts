import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';

export interface RedisServer {
  url: string;
  port: number;
  dir: string;
  pid(): number;
  /** Starts it again on the same port and folder. */
  start(extra?: readonly string[]): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
  signal(name: NodeJS.Signals): void;
  configure(name: string, value: string): Promise<void>;
  /** INFO replication. */
  info(): Promise<string>;
  /** A replica becomes master. */
  promote(): Promise<void>;
  /** Cuts the connection of everybody else. */
  killClients(): Promise<void>;
  /** Ends it and removes its folder, unless that was given. */
  stop(): Promise<void>;
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => {
        resolve(port);
      });
    });
  });

const answers = async (port: number): Promise<void> => {
  const probe = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: () => 20 });
  probe.on('error', () => {});
  try {
    await probe.connect().catch(() => {});
    for (;;) {
      const pong = await probe.ping().catch(() => null);
      if (pong === 'PONG') return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  } finally {
    probe.disconnect();
  }
};

/** A real redis-server on a free port with an append-only file in a folder of its own. */
export const startRedis = async (settings: readonly string[] = [], folder?: string): Promise<RedisServer> => {
  const dir = folder ?? mkdtempSync(join(tmpdir(), 'lintel-redis-'));
  const port = await freePort();
  let child: ChildProcess | null = null;

  const start = async (extra: readonly string[] = []): Promise<void> => {
    child = spawn(
      'redis-server',
      [
        '--port',
        String(port),
        '--bind',
        '127.0.0.1',
        '--dir',
        dir,
        '--save',
        '',
        '--appendonly',
        'yes',
      ].concat(settings, extra),
      { stdio: 'ignore' },
    );
    await answers(port);
  };

  const ended = (signal: NodeJS.Signals): Promise<void> =>
    new Promise((resolve) => {
      if (!child || child.exitCode !== null || child.signalCode !== null) resolve();
      else {
        child.once('exit', () => {
          resolve();
        });
        child.kill(signal);
      }
    });

  const command = async (...words: [string, ...string[]]): Promise<unknown> => {
    const control = new Redis({ port, host: '127.0.0.1' });
    try {
      return await control.call(...words);
    } finally {
      control.disconnect();
    }
  };

  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    dir,
    pid: () => child!.pid!,
    start,
    kill: () => ended('SIGKILL'),
    signal: (name) => {
      child?.kill(name);
    },
    configure: async (name, value) => {
      await command('CONFIG', 'SET', name, value);
    },
    info: async () => String(await command('INFO', 'replication')),
    promote: async () => {
      await command('REPLICAOF', 'NO', 'ONE');
    },
    killClients: async () => {
      await command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    },
    stop: async () => {
      await ended('SIGKILL');
      if (folder === undefined) rmSync(dir, { recursive: true, force: true });
    },
  };
};
