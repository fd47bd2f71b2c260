import { mkdirSync, writeFileSync } from 'node:fs';
import { machine, redisVersion } from '../ingest/machine.js';

export const number = (value: number, digits = 0): string =>
  value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });

/** Numeric option `--name=value` of the command line. */
export const option = (name: string, fallback: number): number => {
  const found = process.argv.find((argument) => argument.startsWith(`--${name}=`));
  return found === undefined ? fallback : Number(found.slice(name.length + 3));
};

export interface Report {
  section(title: string): void;
  row(what: string, value: string): void;
  /** Writes what is known so far, when the command line asks for it: a run that is cut short keeps its rows. */
  save(): void;
}

/** Rows on the terminal, and as Markdown in `results/<name>.md` with the command that made them. */
export const createReport = (name: string, title: string, notes: readonly string[]): Report => {
  const lines: string[] = [];
  return {
    section: (heading) => {
      process.stdout.write(`\n${heading}\n`);
      lines.push('', `## ${heading}`, '', '| what | measured |', '|---|---|');
    },
    row: (what, value) => {
      process.stdout.write(`${what.padEnd(64)} ${value}\n`);
      lines.push(`| ${what} | ${value} |`);
    },
    save: () => {
      if (!process.argv.includes('--write')) return;
      const results = new URL('../results/', import.meta.url);
      mkdirSync(results, { recursive: true });
      const where = `\`npm run bench -- ${name} ${process.argv.slice(2).join(' ')}\`, ${new Date().toISOString().slice(0, 10)}: ${machine()}, Redis ${redisVersion()} (AOF everysec), ClickHouse 26.7 (embedded).`;
      const text = [`# ${title}`, '', where, ...notes, ...lines, ''].join('\n');
      writeFileSync(new URL(`${name}.md`, results), text);
    },
  };
};
