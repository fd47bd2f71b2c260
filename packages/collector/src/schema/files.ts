import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of SQL: name without number and ending, text as it is on disk. */
export interface SqlFile {
  name: string;
  text: string;
}

/** The SQL lies beside this file in the sources and in `dist/schema` in the build. */
const directory = (): string => {
  const here = dirname(fileURLToPath(import.meta.url));
  return [here, join(here, 'schema')].find((folder) => existsSync(join(folder, 'migrations')))!;
};

/** All `.sql` files of a folder, by name. */
export const sqlFiles = (folder: 'migrations' | 'rollups' | 'views'): SqlFile[] => {
  const path = join(directory(), folder);
  return readdirSync(path)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => ({ name: file.slice(0, -4), text: readFileSync(join(path, file), 'utf8') }));
};

export const functionsFile = (): string => readFileSync(join(directory(), 'functions.sql'), 'utf8');

/** Without comment lines. */
export const withoutComments = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('--'))
    .join('\n')
    .trim();

/** Statements of a file; a semicolon ends one at the end of a line only. */
export const statements = (text: string): string[] =>
  withoutComments(text)
    .split(/;[ \t]*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
