import { expect } from 'chai';
import { createKeptRows } from '../../src/schema/kept-rows.js';

describe('kept rows', () => {
  const counting = () => {
    let now = 1;
    let readings = 0;
    const keptRows = createKeptRows(() => now);
    return {
      later: (ms: number) => {
        now += ms;
      },
      ask: (key: string, keepMs: number, fails = false): Promise<number[]> =>
        keptRows(key, keepMs, async () => {
          readings += 1;
          await new Promise((resolve) => setImmediate(resolve));
          if (fails) throw new Error('no database');
          return [readings];
        }),
    };
  };

  it('are read again when they are old', async () => {
    const { ask, later } = counting();
    expect(await ask('a', 1000)).to.eql([1]);
    later(999);
    expect(await ask('a', 1000)).to.eql([1]);
    later(2);
    expect(await ask('a', 1000)).to.eql([2]);
    expect(await ask('b', 1000)).to.eql([3]);
  });

  it('are read once for those who ask at the same moment, and nobody can change them for the others', async () => {
    const { ask } = counting();
    const [first, second] = await Promise.all([ask('a', 1000), ask('a', 1000)]);
    expect(second).to.equal(first).and.to.eql([1]);
    expect(() => first!.push(2)).to.throw(TypeError);
  });

  it('are not kept when there were none', async () => {
    let readings = 0;
    const keptRows = createKeptRows();
    const ask = () => keptRows('a', 60_000, () => Promise.resolve(readings++ === 0 ? [] : ['told']));
    expect(await ask()).to.eql([]);
    expect(await ask()).to.eql(['told']);
    expect(await ask()).to.eql(['told']);
    expect(readings).to.equal(2);
  });

  it('are not kept when their reading failed', async () => {
    const { ask } = counting();
    const outcome = await ask('a', 1000, true).catch((error: Error) => error.message);
    expect(outcome).to.equal('no database');
    expect(await ask('a', 1000)).to.eql([2]);
  });

  it('are let go, the oldest first, when there are too many; more than are ever kept are told all the same', async () => {
    const readings: string[] = [];
    const keptRows = createKeptRows();
    const ask = (key: string, rows: number) =>
      keptRows(key, 60_000, () => {
        readings.push(key);
        return Promise.resolve(new Array<number>(rows).fill(1));
      });
    for (const key of ['a', 'b', 'b', 'a', 'b']) await ask(key, 200_000);
    expect(readings.join('')).to.equal('abab');
    expect(await ask('c', 400_000)).to.have.length(400_000);
    expect(await ask('c', 400_000)).to.have.length(400_000);
    expect(readings.join('')).to.equal('ababcc');
  });
});
