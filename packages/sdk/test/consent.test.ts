import { expect } from 'chai';
import { isLevel, lower, raises, startLevel, stores, withdraws } from '../src/identity/consent.js';
import type { Level } from '../src/types.js';

const LEVELS: Level[] = ['off', 'none', 'statistics', 'all'];

describe('consent', () => {
  it('stores from statistics on', () => {
    expect(LEVELS.filter(stores)).to.eql(['statistics', 'all']);
  });

  it('caps the starting level where the browser says no, and never raises it', () => {
    expect(LEVELS.map((level) => startLevel(level, true))).to.eql(['off', 'none', 'none', 'none']);
    expect(LEVELS.map((level) => startLevel(level, false))).to.eql(LEVELS);
  });

  it('knows what each of the twelve changes asks for', () => {
    const table = LEVELS.map((from) =>
      LEVELS.map((to) => {
        if (from === to) return '-';
        return [withdraws(from, to) && 'w', raises(from, to) && 'r'].filter(Boolean).join('');
      }),
    );
    expect(table).to.eql([
      ['-', '', 'r', 'r'],
      ['w', '-', 'r', 'r'],
      ['w', 'w', '-', ''],
      ['w', 'w', '', '-'],
    ]);
  });

  it('finds the lower of two, and knows a level', () => {
    expect(lower('all', 'none')).to.equal('none');
    expect(lower('off', 'statistics')).to.equal('off');
    expect([isLevel('all'), isLevel('maybe'), isLevel(undefined)]).to.eql([true, false, false]);
  });
});
