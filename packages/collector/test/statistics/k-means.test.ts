import { expect } from 'chai';
import fc from 'fast-check';
import { groupOnce, nearestOf, type Cloud } from '../../src/statistics/lloyd.js';
import { randomFrom } from '../../src/statistics/index.js';
import { silhouettes } from '../../src/statistics/silhouettes.js';

const cloudOf = (points: readonly (readonly number[])[], weights = points.map(() => 1)): Cloud => ({
  values: Float64Array.from(points.flat()),
  width: points[0]!.length,
  weights: Float64Array.from(weights),
});

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

describe('groups of a k-means start', function () {
  this.timeout(180_000);

  it('leaves every point with the nearest centre, whatever comparisons were left out', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }).chain(somePoints),
        fc.integer({ min: 1, max: 6 }),
        fc.integer(),
        (points, k, seed) => {
          const cloud = cloudOf(points);
          // until they stand still, so that the labels are those of the centres
          const { labels, centres, inertia } = groupOnce(cloud, k, 0, randomFrom(seed));
          let total = 0;
          points.forEach((point, i) => {
            const at = (c: number): number =>
              distance(point, [...centres.subarray(c * cloud.width, (c + 1) * cloud.width)]);
            const nearest = nearestOf(cloud.values, i, centres, k, cloud.width);
            expect(at(labels[i]!)).to.be.closeTo(at(nearest), 1e-9);
            total += at(labels[i]!) ** 2;
          });
          expect(inertia).to.be.closeTo(total, 1e-6);
        },
      ),
    );
  });

  it('puts centres where their points are, each counted as often as it weighs', () => {
    fc.assert(
      fc.property(
        somePoints(2),
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 40, maxLength: 40 }),
        fc.integer(),
        (points, times, seed) => {
          const weights = times.slice(0, points.length);
          const { labels, centres } = groupOnce(cloudOf(points, weights), 3, 0, randomFrom(seed));
          for (const label of new Set(labels)) {
            const own = points.flatMap((point, i) =>
              labels[i] === label ? new Array<readonly number[]>(weights[i]!).fill(point) : [],
            );
            for (let j = 0; j < 2; j++)
              expect(centres[label * 2 + j]).to.be.closeTo(
                own.reduce((sum, point) => sum + point[j]!, 0) / own.length,
                1e-9,
              );
          }
        },
      ),
    );
  });
});

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
