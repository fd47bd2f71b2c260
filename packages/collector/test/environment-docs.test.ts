import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { VARIABLES } from '../src/config.js';

const FILE = new URL('../../../docs/environment.md', import.meta.url);

const text = (): string =>
  [
    '# Environment',
    '',
    'Every setting of the collector. An unknown name or a bad value stops the start with exit code 78 and one line. Secrets',
    'may come from a file: `NAME_FILE` holds the path in place of `NAME`. The default stands in parentheses.',
    '',
    '| name | meaning |',
    '|---|---|',
    ...Object.entries(VARIABLES).map(
      ([name, meaning]) => `| \`LINTEL_${name}\` | ${meaning.replaceAll('|', '\\|')} |`,
    ),
    '',
    'Written by `UPDATE_DOCS=1 npx mocha test/environment-docs.test.ts` in `packages/collector`.',
    '',
  ].join('\n');

describe('docs/environment.md', () => {
  it('lists every setting, as the parser knows it', () => {
    if (process.env['UPDATE_DOCS']) writeFileSync(FILE, text());
    expect(readFileSync(FILE, 'utf8')).to.equal(text());
  });
});
