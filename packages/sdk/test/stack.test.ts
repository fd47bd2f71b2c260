import { expect } from 'chai';
import { clean } from '../src/capture/mask.js';
import { framesOf } from '../src/capture/stack.js';

describe('framesOf', () => {
  const { location } = globalThis as { location?: unknown };
  before(() => Object.assign(globalThis, { location: { origin: 'https://site.example' } }));
  after(() => Object.assign(globalThis, { location }));

  it('reads the stacks of Chrome', () => {
    const stack = `TypeError: no price
    at price (https://site.example/app.js?v=1:2:3)
    at async Promise.all (index 0)
    at https://cdn.example/@scope/lib.js:4:5
    at new House (https://cdn.example/house.js:1:1)
    at async load (https://cdn.example/house.js:1:2)`;
    expect(framesOf(stack)).to.eql([
      'price (/app.js:2:3)',
      'https://cdn.example/@scope/lib.js:4:5',
      'new House (https://cdn.example/house.js:1:1)',
      'load (https://cdn.example/house.js:1:2)',
    ]);
  });

  it('reads the stacks of Firefox and Safari', () => {
    const stack = `price@https://site.example/app.js?v=1:2:3
@https://site.example/app.js:4:5
global code@https://cdn.example/lib.js:9:9`;
    expect(framesOf(stack)).to.eql([
      'price (/app.js:2:3)',
      '/app.js:4:5',
      'global code (https://cdn.example/lib.js:9:9)',
    ]);
  });

  it('tells at most twenty frames of 160 characters, and none of what is no stack', () => {
    const line = `    at ${'deep'.repeat(40)} (https://site.example/app.js:1:1)`;
    const frames = framesOf(Array.from({ length: 40 }, () => line).join('\n'));
    expect(frames.length).to.equal(20);
    for (const frame of frames) expect(frame.length).to.equal(160);
    for (const nothing of [undefined, null, 5, '', '@:0:0']) expect(framesOf(nothing)).to.eql([]);
  });

  // both took seconds, and minutes, before their patterns had bounds
  it('finds the frames behind a message of a megabyte, and masks one', () => {
    const message = 'a@b.example:1 '.repeat(80_000);
    expect(framesOf(`Error: ${message}\n    at price (https://site.example/app.js:2:3)`)).to.eql([
      'price (/app.js:2:3)',
    ]);
    expect(clean(`${'a'.repeat(1_000_000)}@b.example`)).to.match(/^a+\[redacted\]$/);
  });
});
