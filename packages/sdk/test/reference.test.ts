import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { eventReference } from '../scripts/event-reference.js';

describe('event reference', () => {
  it('says what the schemas say; `npm run reference` writes it anew', () => {
    expect(readFileSync(new URL('../EVENTS.md', import.meta.url), 'utf8')).to.equal(eventReference());
  });
});
