import { expect } from 'chai';
import { noiseFloor } from '../../src/questions/noise-floor.js';
import { randomFrom } from '../../src/statistics/index.js';
import { useDatabase } from '../schema/support.js';

/** The table of chapter 4 § 1 of the design, as it is printed: orders, best possible WAPE, 80 % interval × mean. */
const TABLE = [
  { orders: 1, wape: 0.81, interval: [0.0, 2.43] },
  { orders: 2, wape: 0.58, interval: [0.0, 2.0] },
  { orders: 3, wape: 0.48, interval: [0.28, 1.81] },
  { orders: 5, wape: 0.37, interval: [0.43, 1.62] },
  { orders: 10, wape: 0.26, interval: [0.59, 1.43] },
  { orders: 20, wape: 0.19, interval: [0.71, 1.3] },
  { orders: 50, wape: 0.12, interval: [0.81, 1.19] },
  { orders: 100, wape: 0.08, interval: [0.87, 1.13] },
];
const SD = 0.28;
const DRAWS = 400_000;
/** Half of the last printed digit, and what so many draws err by. */
const PRINTED = 0.0055;

describe('the noise floor', function () {
  this.timeout(180_000);
  const db = useDatabase();

  it('is the printed table, in the gauge and in the score cards', async () => {
    const rows = await db
      .as('reader')
      .rows<{ floor: number }>(
        `SELECT noise_floor(toUInt32(n)) AS floor FROM (SELECT arrayJoin([${TABLE.map(({ orders }) => orders).join(', ')}]) AS n)`,
      );
    TABLE.forEach(({ orders, wape }, i) => {
      expect(noiseFloor(orders), String(orders)).to.be.closeTo(wape, 1e-12);
      expect(rows[i]!.floor, String(orders)).to.be.closeTo(wape, 1e-12);
    });
  });

  it('is the same between the points of the table, and beyond', async () => {
    const points = [0.25, 1.5, 2.5, 4, 7, 15, 33, 70, 144, 1000];
    const rows = await db
      .as('reader')
      .rows<{ floor: number }>(`SELECT noise_floor(arrayJoin([${points.join(', ')}])) AS floor`);
    points.forEach((orders, i) => expect(rows[i]!.floor).to.be.closeTo(noiseFloor(orders)!, 1e-12));
    const [none] = await db.as('reader').rows<{ floor: number }>('SELECT noise_floor(toUInt32(0)) AS floor');
    expect(none!.floor).to.equal(1);
  });

  it('comes out of a simulation in which every parameter is known', () => {
    const random = randomFrom(80);
    for (const { orders, wape, interval } of TABLE) {
      const sums = new Float64Array(DRAWS);
      for (let draw = 0; draw < DRAWS; draw++)
        for (let n = random.poisson(orders); n > 0; n--)
          sums[draw]! += Math.exp(SD * random.normal() - SD ** 2 / 2) / orders;
      sums.sort();
      const at = (level: number): number => sums[Math.floor(level * DRAWS)]!;
      // the median errs least
      const error = sums.reduce((sum, value) => sum + Math.abs(value - at(0.5)), 0) / DRAWS;
      [error, at(0.1), at(0.9)].forEach((value, i) =>
        expect(value, `${orders} orders`).to.be.closeTo([wape, ...interval][i]!, PRINTED),
      );
    }
  });
});
