import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freshFolder } from './folder.js';

/** `silent`: no answer at all, as a resolver that is away. */
export type NamesMode = 'answer' | 'unknown' | 'failing' | 'silent';

export interface Names {
  /** Put in front of a command that is to ask this resolver and nobody else. */
  wrap: readonly string[];
  /** What the name stands for from now on, in this order. */
  set(name: string, addresses: readonly string[]): void;
  mode(mode: NamesMode): void;
  /** Questions heard so far. */
  asked(): number;
  remove(): void;
}

const HEADER_BYTES = 12;
const TYPE_A = 1;
/** Response, recursion desired and available; the code is added: 0 no error, 2 failure, 3 no such name. */
const FLAGS = 0x8180;

/** The question of a query: its name, its type, and where it ends. */
const readQuestion = (query: Buffer): { name: string; type: number; end: number } => {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
};

const answer = (query: Buffer, end: number, code: number, addresses: readonly string[]): Buffer => {
  const head = Buffer.alloc(HEADER_BYTES);
  query.copy(head, 0, 0, 2);
  head.writeUInt16BE(FLAGS | code, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(addresses.length, 6);
  const records = addresses.map((address) =>
    // the name of the question, type A, class IN, nobody may keep it, four bytes
    Buffer.from([0xc0, HEADER_BYTES, 0, TYPE_A, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]),
  );
  return Buffer.concat([head, query.subarray(HEADER_BYTES, end), ...records]);
};

/** Whether this machine lets a process have an `/etc/resolv.conf` of its own. */
export const canHaveNames = (): boolean =>
  process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0;

/**
 * A resolver of our own on a loopback address, and a way to start a program that asks only it: in a mount namespace with
 * another `/etc/resolv.conf`, so that the program resolves names with the system's own code.
 */
export const startNames = async (): Promise<Names> => {
  const known = new Map<string, readonly string[]>();
  const folder = freshFolder();
  let mode: NamesMode = 'answer';
  let asked = 0;
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    asked += 1;
    if (mode === 'silent') return;
    const { name, type, end } = readQuestion(query);
    const addresses = known.get(name);
    const code = mode === 'failing' ? 2 : mode === 'unknown' || !addresses ? 3 : 0;
    const told = code === 0 && type === TYPE_A ? addresses! : [];
    socket.send(answer(query, end, code, told), from.port, from.address);
  });
  const address = `127.77.${randomInt(1, 255)}.53`;
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(53, address, resolve);
  });
  const file = join(folder.path, 'resolv.conf');
  writeFileSync(file, `nameserver ${address}\n`);
  return {
    wrap: ['unshare', '-m', 'sh', '-c', `mount --bind ${file} /etc/resolv.conf && exec "$0" "$@"`],
    set: (name, addresses) => void known.set(name, addresses),
    mode: (next) => {
      mode = next;
    },
    asked: () => asked,
    remove: () => {
      socket.close();
      folder.remove();
    },
  };
};
