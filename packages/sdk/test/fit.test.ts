import { expect } from 'chai';
import { checkEvent, EXAMPLES } from '@lintel/protocol';
import fc from 'fast-check';
import { clean } from '../src/capture/mask.js';
import { fit } from '../src/fit.js';

describe('fit', () => {
  it('cuts strings to what the tables store', () => {
    const { group, option, catalogue } = JSON.parse(
      fit({ group: 'g'.repeat(300), option: 'o'.repeat(300), catalogue: 'c'.repeat(300) }),
    ) as Record<string, string>;
    expect([group!.length, option!.length, catalogue!.length]).to.eql([256, 256, 64]);
  });

  it('refuses what is too deep, too wide or not data', () => {
    const deep = (n: number): object => (n ? { a: deep(n - 1) } : {});
    const wide = Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`k${n}`, n]));
    expect(() => fit({ props: deep(4) })).not.to.throw();
    expect(() => fit({ props: deep(5) })).to.throw(TypeError);
    expect(() => fit({ props: wide })).to.throw(TypeError);
    expect(() => fit({ props: { ['k'.repeat(65)]: 1 } })).to.throw(TypeError);
    expect(() => fit({ props: JSON.parse('{"__proto__":1}') as object })).to.throw(TypeError);
    expect(() => fit({ value: Infinity })).to.throw(TypeError);
    expect(() => fit({ props: { list: Array.from({ length: 600 }, () => 10) } })).to.throw(TypeError);
  });

  it('lets nothing through that the collector would refuse', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.anything({ withDate: true })), (props) => {
        let fields: Record<string, unknown>;
        try {
          fields = JSON.parse(fit({ ...EXAMPLES.custom, seq: 0, at: 0, props })) as never;
        } catch {
          return;
        }
        const checked = checkEvent(fields);
        expect(checked.kind, JSON.stringify(checked)).to.equal('valid');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('clean', () => {
  it('takes out what names a person or opens a door', () => {
    const texts = [
      'write to anna.berger+x@example.co.at now',
      '/user/anna%40example.at/edit',
      'AT61 1904 3002 3457 3201',
      'token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
      'key sk_live_4f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c',
      'call +43 660 123 45 67 please',
    ];
    for (const text of texts)
      expect(clean(text))
        .to.include('[redacted]')
        .and.not.match(/anna|1904|eyJ|4f9a|660/);
  });
  it('leaves ordinary paths alone', () => {
    for (const path of [
      '/konfigurator/nest-120',
      '/haus/2026-11-25',
      '/a/00000000-0000-4000-8000-000000000001',
      '/news/eine-sehr-lange-ueberschrift-ohne-zahlen-darin',
    ])
      expect(clean(path)).to.equal(path);
  });
});
