import { expect } from 'chai';
import fc from 'fast-check';
import {
  differenceOf,
  expectFits,
  MANIFEST_FORMAT,
  parseManifest,
  renderManifest,
  type Manifest,
} from '../../src/backup/manifest.js';
import { BackupRefused } from '../../src/errors.js';
import { lostBooks } from '../../src/flush/books.js';

const aManifest = (more: Partial<Manifest> = {}): Manifest => ({
  format: MANIFEST_FORMAT,
  id: '20261129T101112Z-0a1b2c',
  kind: 'data',
  created: '2026-11-29T10:11:12.000Z',
  collector: '0.1.0',
  engine: '26.7.2.1',
  migrations: [{ version: 1, sha256: 'a' }],
  database: 'lintel',
  covers: [{ source: 'disk:7', batch: '18446744073709551615', batches: 3 }],
  books: [{ buffer: 'one', site: 1, accepted: 5, committed: 4, known: 0 }],
  tables: [{ name: 'events', rows: 4, hash: '17' }],
  archive: { kind: 'file' },
  files: [{ path: '.backup', size: 9, sha256: '0'.repeat(64) }],
  ...more,
});

const refusal = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof BackupRefused) return error.message;
    throw error;
  }
  return '';
};

describe('manifest of a backup', () => {
  it('is read as it was written', () => {
    expect(parseManifest(renderManifest(aManifest()))).to.eql(aManifest());
  });

  it('is refused with any character of what it says changed, or with its end missing', () => {
    const text = renderManifest(aManifest());
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.integer({ min: 1, max: 127 }), (at, by) => {
        const changed =
          text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ by) + text.slice(at + 1);
        // white space around a value says nothing
        if (changed.replace(/\s/g, '') === text.replace(/\s/g, '')) return;
        let read: Manifest;
        try {
          read = parseManifest(changed);
        } catch (error) {
          expect(error).to.be.instanceOf(BackupRefused);
          return;
        }
        expect(read).to.eql(aManifest());
      }),
      { numRuns: 2000 },
    );
    for (let length = 0; length < text.length - 1; length++)
      expect(
        refusal(() => parseManifest(text.slice(0, length))),
        String(length),
      ).to.not.equal('');
  });

  it('of a newer format is refused as such', () => {
    expect(refusal(() => parseManifest(renderManifest(aManifest({ format: 2 }))))).to.match(/format 2/);
  });

  it('must fit the engine and the migrations that are here', () => {
    const here = {
      engine: '26.7.2.1',
      migrations: [
        { version: 1, sha256: 'a' },
        { version: 2, sha256: 'b' },
      ],
    };
    expect(refusal(() => expectFits(aManifest(), here))).to.equal('');
    expect(refusal(() => expectFits(aManifest({ engine: '25.12.1.1' }), here))).to.equal('');
    expect(refusal(() => expectFits(aManifest({ engine: '26.8.1.1' }), here))).to.match(/26\.8\.1\.1/);
    expect(refusal(() => expectFits(aManifest({ engine: 'PostgreSQL 17' }), here))).to.match(/PostgreSQL/);
    const migrations = (version: number, sha256: string) => aManifest({ migrations: [{ version, sha256 }] });
    expect(refusal(() => expectFits(migrations(3, 'c'), here))).to.match(/schema 3, this build knows 2/);
    expect(refusal(() => expectFits(migrations(2, 'c'), here))).to.match(/migration 2/);
  });

  it('says which table differs', () => {
    const wanted = [
      { name: 'events', rows: 4, hash: '17' },
      { name: 'orders', rows: 1, hash: '3' },
    ];
    expect(differenceOf(wanted, [...wanted].reverse())).to.equal(null);
    expect(differenceOf(wanted, wanted.slice(0, 1))).to.match(/orders is missing/);
    expect(differenceOf(wanted, [{ ...wanted[0]!, rows: 3 }, wanted[1]!])).to.match(/events has 3 rows/);
    expect(differenceOf(wanted, [wanted[0]!, { ...wanted[1]!, hash: '4' }])).to.match(
      /contents of table orders/,
    );
  });
});

describe('books of a backup', () => {
  const book = (buffer: string, committed: number) => ({
    buffer,
    site: 1,
    accepted: committed + 2,
    committed,
    known: 1,
  });

  it('are closed where no buffer goes on with them; what waited there is not counted', () => {
    expect(lostBooks([book('old', 10)], [book('new', 3)])).to.eql([{ ...book('old', 10), accepted: 10 }]);
  });
  it('stay with a buffer that is still there', () => {
    expect(lostBooks([book('same', 10)], [book('same', 12)])).to.eql([]);
  });
  it('are closed, too, where a buffer of that name began anew', () => {
    expect(lostBooks([book('redis', 10)], [book('redis', 3)])).to.have.length(1);
  });
});
