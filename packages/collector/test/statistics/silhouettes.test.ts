import { expect } from 'chai';
import fc from 'fast-check';
import { cloudOf, silhouettes } from '../../src/statistics/silhouettes.js';

const distance = (p: readonly number[], q: readonly number[]): number =>
  Math.sqrt(p.reduce((sum, value, j) => sum + (value - q[j]!) ** 2, 0));

/** By the definition, for one labelling. */
const silhouetteOf = (points: readonly (readonly number[])[], labels: readonly number[]): number => {
  const scores = points.map((point, i) => {
    const meanTo = (label: number): number => {
      const others = points.filter((_, j) => j !== i && labels[j] === label);
      return others.reduce((sum, other) => sum + distance(point, other), 0) / others.length;
    };
    const own = labels[i]!;
    if (labels.filter((label) => label === own).length === 1) return 0;
    const a = meanTo(own);
    const b = Math.min(...[...new Set(labels)].filter((label) => label !== own).map(meanTo));
    return Number.isFinite(b) && Math.max(a, b) > 0 ? (b - a) / Math.max(a, b) : 0;
  });
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
};

const coordinate = fc.double({ min: -9, max: 9, noNaN: true });
const somePoints = (width: number) =>
  fc.array(fc.array(coordinate, { minLength: width, maxLength: width }), { minLength: 6, maxLength: 40 });

describe('silhouettes', function () {
  this.timeout(180_000);

  it('of several labellings at once are those of the definition', () => {
    const label = fc.integer({ min: 0, max: 3 });
    fc.assert(
      fc.property(
        somePoints(3),
        fc.array(fc.array(label, { minLength: 40, maxLength: 40 }), { minLength: 1, maxLength: 4 }),
        (points, labels) => {
          const labellings = labels.map((own) => own.slice(0, points.length));
          const found = silhouettes(
            cloudOf(points),
            labellings.map((own) => Uint32Array.from(own)),
          );
          labellings.forEach((own, i) => expect(found[i]).to.be.closeTo(silhouetteOf(points, own), 1e-9));
        },
      ),
    );
  });
});
