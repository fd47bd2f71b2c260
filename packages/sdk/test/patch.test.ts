import { expect } from 'chai';
import { patch } from '../src/capture/patch.js';
import { createGuard } from '../src/lib/guard.js';

describe('patch', () => {
  let failures: unknown[];
  let told: unknown[];
  let host: { base: number; add(number: number): number };
  const guard = createGuard((reason) => failures.push(reason));
  beforeEach(() => {
    failures = [];
    told = [];
    host = {
      base: 1,
      add(number) {
        return this.base + number;
      },
    };
  });

  it('comes before the original, sees its result, and puts it back', () => {
    const { add } = host;
    const stop = patch({ guard }, host, 'add', (self, args) => {
      told.push(self === host, [...args]);
      args[0] = 10;
      return (result) => told.push(result);
    });
    expect(host.add(2)).to.equal(11);
    expect(told).to.eql([true, [2], 11]);
    stop();
    expect(host.add).to.equal(add);
    expect(host.add(2)).to.equal(3);
  });

  it('leaves the patch of somebody else alone, and only passes on from then', () => {
    const stop = patch({ guard }, host, 'add', () => void told.push('ours'));
    const ours = host.add;
    const theirs = function (this: typeof host, number: number): number {
      return ours.call(this, number) * 100;
    };
    host.add = theirs;
    stop();
    expect(host.add).to.equal(theirs);
    expect(host.add(2)).to.equal(300);
    expect(told).to.eql([]);
  });

  it('keeps what fails in it from the caller, and lets the error of the original pass', () => {
    const mistake = new Error('ours');
    patch({ guard }, host, 'add', () => {
      throw mistake;
    });
    expect(host.add(2)).to.equal(3);
    expect(failures).to.eql([mistake]);
    host = {
      base: 1,
      add() {
        throw new TypeError('theirs');
      },
    };
    patch({ guard }, host, 'add', () => () => told.push('after'));
    expect(() => host.add(2)).to.throw(TypeError, 'theirs');
    expect(told).to.eql([]);
  });
});
