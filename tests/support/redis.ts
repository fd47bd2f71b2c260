import { createConnection } from 'node:net';
import { freshFolder } from './folder.js';
import { freePorts } from './ports.js';
import { startProgram, type Program } from './program.js';
import { until } from './until.js';

export interface Redis {
  url: string;
  port: number;
  program(): Program;
  kill(): Promise<void>;
  /** Starts it again after `kill`, on the same port and data. @param more settings, for this start only */
  start(more?: Record<string, string>): Promise<void>;
  /** First bytes of the answer to a command, over a connection of its own. */
  command(...words: string[]): Promise<string>;
  remove(): Promise<void>;
}

/** The one byte that shows that it serves: an inline PING is answered with `+PONG`, with `-LOADING` before. */
const serves = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('error', () => resolve(false));
    socket.once('data', (answer) => {
      socket.destroy();
      resolve(answer.toString().startsWith('+PONG'));
    });
  });

const ask = (port: number, words: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const bytes = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('');
    const socket = createConnection(port, '127.0.0.1', () => socket.write(`*${words.length}\r\n${bytes}`));
    socket.once('error', reject);
    socket.once('data', (answer) => {
      socket.destroy();
      resolve(answer.toString());
    });
  });

/** A real redis-server with the settings that the collector asks for at boot. @param more settings; a name replaces ours */
export const startRedis = async (more: Record<string, string> = {}): Promise<Redis> => {
  const folder = freshFolder();
  const [port] = (await freePorts(1)) as [number];
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    dir: folder.path,
    save: '',
    appendonly: 'yes',
    appendfsync: 'everysec',
    'maxmemory-policy': 'noeviction',
    ...more,
  };
  let program: Program;
  const start = async (now: Record<string, string> = {}): Promise<void> => {
    program = startProgram(
      process.env['REDIS_SERVER'] ?? 'redis-server',
      Object.entries({ ...settings, ...now }).flatMap(([name, value]) => [`--${name}`, value]),
    );
    await until('redis serves', () => {
      if (!program.running()) throw new Error(`redis ended: ${program.stdout()}`);
      return serves(port);
    });
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    program: () => program,
    kill: () => program.kill(),
    start,
    command: (...words) => ask(port, words),
    remove: async () => {
      if (program.running()) await program.kill();
      folder.remove();
    },
  };
};
