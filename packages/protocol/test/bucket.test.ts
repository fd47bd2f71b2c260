import { expect } from 'chai';
import { assign, bucket, murmur3 } from '../src/bucket.js';

describe('bucket', () => {
  it('equals the published MurmurHash3 vectors', () => {
    expect(murmur3('')).to.equal(0);
    expect(murmur3('test')).to.equal(0xba6bd213);
    expect(murmur3('Hello, world!')).to.equal(0xc0363e43);
    expect(murmur3('The quick brown fox jumps over the lazy dog')).to.equal(0x2e4ff723);
  });

  it('hashes UTF-8 bytes, not UTF-16 units', () => {
    expect([bucket('größe:in:ü'), bucket('größe:arm:ü')]).to.eql([5376, 6000]);
    const unit = '00000000-0000-4000-8000-000000000001';
    expect([bucket(`hero-2026:in:${unit}`), bucket(`hero-2026:arm:${unit}`)]).to.eql([9847, 4403]);
  });

  it('moves nobody between arms when traffic is raised', () => {
    const arms = [
      { name: 'control', weight: 5000 },
      { name: 'large', weight: 5000 },
    ];
    for (let i = 0; i < 2000; i++) {
      const few = assign('salt', `unit-${i}`, 1000, arms);
      if (few !== null) expect(assign('salt', `unit-${i}`, 9000, arms)).to.equal(few);
    }
    expect(assign('salt', 'anybody', 0, arms)).to.equal(null);
  });
});
