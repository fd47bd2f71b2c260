import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { viewDefinitions } from '../../src/schema/definitions.js';
import { QUESTIONS } from '../../src/questions/index.js';

const text = readFileSync(new URL('../../../../docs/questions.md', import.meta.url), 'utf8');
const rows = text
  .split('\n')
  .filter((line) => /^\| `[a-z-]+` +\|/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()));

describe('docs/questions.md', () => {
  it('has a line with a golden and a property test for every question, and names only tests and views that exist', () => {
    const questions = rows.filter((cells) => cells.length === 7);
    expect(questions.map(([, name]) => name!.replaceAll('`', ''))).to.have.members(
      QUESTIONS.map(({ name }) => name),
    );
    const views = new Set(viewDefinitions().map(({ name }) => name));
    for (const [, name, read, , golden, property] of questions) {
      for (const [view] of read!.matchAll(/\b[a-z_]+_[a-z_]+\b/g))
        expect(views.has(view), `${name} ${view}`).to.equal(true);
      for (const cell of [golden!, property!]) {
        const tests = [...cell.matchAll(/`((?:questions|experiments|schema|admin)\/[a-z-]+)`/g)];
        expect(tests.length, `${name}: ${cell}`).to.be.above(0);
        for (const [, path] of tests) {
          const at = new URL(`../${path}`, import.meta.url);
          expect(existsSync(at) || existsSync(new URL(`${at.href}.test.ts`)), path).to.equal(true);
        }
      }
    }
  });
});
