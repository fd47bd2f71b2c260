import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** One function library; its name carries the hash of its text, so collectors of two versions can share a Redis. */
export interface Library {
  name: string;
  code: string;
  /** Name of a function as FCALL takes it. */
  functionName(verb: string): string;
}

/**
 * A header line of a function. `allow-oom`: what empties a full Redis must run in a full Redis; only what fills it is
 * refused there.
 */
const FLAGS = /^-- Flags +(.+)$/m;

/** Beside this file in the sources, beside the bundle once built. */
const directory = (): URL => {
  const candidates = ['./lua/', '../lua/'].map((path) => new URL(path, import.meta.url));
  const found = candidates.find((url) => existsSync(new URL('append.lua', url)));
  if (!found) throw new Error(`lua/append.lua is missing beside ${fileURLToPath(import.meta.url)}`);
  return found;
};

/** Each `<verb>.lua` is the body of one function of `keys` and `args`; `shared.lua` stands before them. */
export const readLibrary = (): Library => {
  const folder = directory();
  const read = (file: string): string => readFileSync(new URL(file, folder), 'utf8');
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.lua') && file !== 'shared.lua')
    .sort();
  const bodies = files.map((file) => [file.slice(0, -4), read(file)] as const);
  const shared = read('shared.lua');
  const hash = createHash('sha256')
    .update(shared + bodies.flat().join('\0'))
    .digest('hex')
    .slice(0, 8);
  const name = `lintel_${hash}`;
  const functionName = (verb: string): string => `${name}_${verb}`;
  const functions = bodies.map(([verb, body]) => {
    const flags = FLAGS.exec(body)?.[1]?.split(' ') ?? [];
    return [
      `redis.register_function{ function_name = '${functionName(verb)}', callback = function(keys, args)`,
      body,
      `end, flags = { ${flags.map((flag) => `'${flag}'`).join(', ')} } }`,
    ].join('\n');
  });
  return { name, code: `#!lua name=${name}\n${shared}\n${functions.join('\n')}`, functionName };
};
