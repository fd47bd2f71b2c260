import { expect } from 'chai';
import fc from 'fast-check';
import {
  changePoint,
  linearRegression,
  mannKendall,
  shrunkElasticities,
  theilSen,
  tukeyOutliers,
  vanWestendorp,
} from '../../src/statistics/index.js';
import { near, numbers, refuses } from './arbitraries.js';
import { rowsOf } from './data.js';

/** Annual flow of the Nile at Aswan, 1871–1970 (Cobb 1978): the classic level shift, after 1898. */
const NILE = [
  1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958,
  1140, 1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020,
  1050, 969, 831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796, 1040,
  759, 781, 865, 845, 944, 984, 897, 822, 1010, 771, 676, 649, 846, 812, 742, 801, 1040, 860, 874, 848, 890,
  744, 749, 838, 1050, 918, 986, 797, 923, 975, 815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740,
];

describe('theilSen and mannKendall', function () {
  this.timeout(180_000);
  it('equal R on the Nile', () => {
    const slope = theilSen(NILE);
    near(slope.value, -2.6, 1e-9);
    near(slope.lo, -3.62790697674, 1e-9);
    near(slope.hi, -1.42857142857, 1e-9);
    const { s, z, p } = mannKendall(NILE);
    expect(s).to.equal(-1387);
    near(z, -4.12806652284, 1e-9);
    near(p, 3.65826292166e-5, 1e-6);
  });

  it('turn with the series and hold their estimate', () => {
    fc.assert(
      fc.property(numbers(3), (y) => {
        const down = y.map((value) => -value);
        const slope = theilSen(y);
        expect(slope.lo).to.be.at.most(slope.value);
        expect(slope.hi).to.be.at.least(slope.value);
        expect(theilSen(down).value).to.be.closeTo(-slope.value, 1e-12);
        expect(mannKendall(down).z).to.be.closeTo(-mannKendall(y).z, 1e-12);
        expect(mannKendall(y).p).to.be.within(0, 1);
      }),
    );
    refuses(() => theilSen([1, 2]), 'TOO_FEW');
    refuses(() => mannKendall([1, NaN, 2]), 'BAD_SHAPE');
  });
});

describe('changePoint', function () {
  this.timeout(180_000);
  it('finds the dam in the Nile: the level falls after 1898', () => {
    const { breaks, sse } = changePoint(NILE);
    expect(breaks).to.eql([28]);
    near(sse, 1597457.19444, 1e-9);
  });

  it('finds the built-in breaks of a staircase and none in a line of equal values', () => {
    const stairs = [5, 20, 9].flatMap((level) => Array.from({ length: 12 }, (_, i) => level + (i % 2)));
    expect(changePoint(stairs).breaks).to.eql([12, 24]);
    expect(changePoint(stairs, { maxBreaks: 1 }).breaks.length).to.equal(1);
    expect(changePoint(new Array(30).fill(7) as number[])).to.eql({ breaks: [], sse: 0 });
  });

  it('raises few false alarms on noise, and never explains less than one level', () => {
    let state = 1;
    const noise = (): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
    const alarms = Array.from({ length: 200 }, () =>
      changePoint(Array.from({ length: 50 }, () => noise() + noise() + noise())),
    );
    expect(alarms.filter(({ breaks }) => breaks.length > 0).length / 200).to.be.below(0.15);
    fc.assert(
      fc.property(numbers(6), (y) => {
        const mean = y.reduce((sum, value) => sum + value, 0) / y.length;
        const whole = y.reduce((sum, value) => sum + (value - mean) ** 2, 0);
        expect(changePoint(y).sse).to.be.at.most(whole * (1 + 1e-12));
      }),
    );
    refuses(() => changePoint([1, 2, 3], { maxBreaks: -1 }), 'BAD_RANGE');
  });
});

describe('tukeyOutliers', function () {
  this.timeout(180_000);
  it('equals R11', () => {
    const y = [-3, 2, 15, 3, 5, 6, 4, 5, 12, 45, 12, 3, 3, 4, 3, 3, 4, 5, 6];
    expect(tukeyOutliers(y)).to.eql([-1.5, 0, 4.5, 0, 0, 0, 0, 0, 1.5, 34.5, 1.5, 0, 0, 0, 0, 0, 0, 0, 0]);
    refuses(() => tukeyOutliers([1, 2, 3]), 'TOO_FEW');
  });
});

describe('linearRegression', function () {
  this.timeout(180_000);
  it('equals R26: subscriptions of economics journals on their price per citation', () => {
    const rows = rowsOf('price_aer_journals.csv');
    expect(rows.length).to.equal(180);
    const { coefficients, standardErrors, r2 } = linearRegression(
      rows.map((row) => [Math.log(Number(row.price) / Number(row.citations))]),
      rows.map((row) => Math.log(Number(row.subs))),
    );
    near(coefficients[0]!, 4.76621213, 1e-8);
    near(coefficients[1]!, -0.53305347, 1e-7);
    near(standardErrors[1]!, 0.035613198, 1e-7);
    near(r2, 0.55725459, 1e-8);
  });

  it("equals NIST's certified values of Longley, whose columns are nearly dependent", () => {
    const longley = [
      [83, 234.289, 235.6, 159, 107.608, 1947, 60.323],
      [88.5, 259.426, 232.5, 145.6, 108.632, 1948, 61.122],
      [88.2, 258.054, 368.2, 161.6, 109.773, 1949, 60.171],
      [89.5, 284.599, 335.1, 165, 110.929, 1950, 61.187],
      [96.2, 328.975, 209.9, 309.9, 112.075, 1951, 63.221],
      [98.1, 346.999, 193.2, 359.4, 113.27, 1952, 63.639],
      [99, 365.385, 187, 354.7, 115.094, 1953, 64.989],
      [100, 363.112, 357.8, 335, 116.219, 1954, 63.761],
      [101.2, 397.469, 290.4, 304.8, 117.388, 1955, 66.019],
      [104.6, 419.18, 282.2, 285.7, 118.734, 1956, 67.857],
      [108.4, 442.769, 293.6, 279.8, 120.445, 1957, 68.169],
      [110.8, 444.546, 468.1, 263.7, 121.95, 1958, 66.513],
      [112.6, 482.704, 381.3, 255.2, 123.366, 1959, 68.655],
      [114.2, 502.601, 393.1, 251.4, 125.368, 1960, 69.564],
      [115.7, 518.173, 480.6, 257.2, 127.852, 1961, 69.331],
      [116.9, 554.894, 400.7, 282.7, 130.081, 1962, 70.551],
    ];
    const { coefficients, standardErrors, r2 } = linearRegression(
      longley.map((row) => row.slice(0, 6)),
      longley.map((row) => row[6]!),
    );
    near(coefficients[0]!, -3482.2586346, 1e-8);
    near(coefficients[6]!, 1.82915146461, 1e-8);
    near(standardErrors[1]!, 0.0849149257748, 1e-8);
    near(r2, 0.995479004577, 1e-10);
  });

  it('refuses columns that follow from others, and too few rows', () => {
    refuses(
      () =>
        linearRegression(
          [
            [1, 2],
            [2, 4],
            [3, 6],
            [4, 8],
            [5, 10],
          ],
          [1, 2, 3, 4, 6],
        ),
      'SINGULAR',
    );
    refuses(() => linearRegression([[1], [2]], [1, 2]), 'TOO_FEW');
    refuses(() => linearRegression([[1], [2, 3], [4]], [1, 2, 3]), 'BAD_SHAPE');
  });
});

describe('shrunkElasticities', function () {
  this.timeout(180_000);
  const group = fc.record({
    key: fc.string(),
    slope: fc.double({ min: -6, max: 2, noNaN: true }),
    variance: fc.double({ min: 0.01, max: 4, noNaN: true }),
  });

  it('keeps every slope between its own and the common one, with its interval around it', () => {
    fc.assert(
      fc.property(fc.array(group, { minLength: 1, maxLength: 20 }), (groups) => {
        const { mu, tau2, groups: shrunk } = shrunkElasticities(groups);
        expect(tau2).to.be.at.least(0);
        shrunk.forEach(({ value, lo, hi }, i) => {
          const own = groups[i]!.slope;
          expect(value).to.be.within(Math.min(own, mu) - 1e-9, Math.max(own, mu) + 1e-9);
          expect(lo).to.be.below(value);
          expect(hi).to.be.above(value);
        });
      }),
    );
  });

  it('solves the equation of Paule and Mandel', () => {
    const groups = [-3, -1, -0.2, -2.4, -4].map((slope, i) => ({
      key: String(i),
      slope,
      variance: 0.1 + 0.05 * i,
    }));
    const { tau2 } = shrunkElasticities(groups);
    const weights = groups.map(({ variance }) => 1 / (variance + tau2));
    const all = weights.reduce((sum, w) => sum + w, 0);
    const mean = groups.reduce((sum, { slope }, i) => sum + weights[i]! * slope, 0) / all;
    const q = groups.reduce((sum, { slope }, i) => sum + weights[i]! * (slope - mean) ** 2, 0);
    expect(q).to.be.closeTo(groups.length - 1, 1e-9);
  });

  // how good they are is in simulations.test.ts
  it('refuses no option, and a slope without error', () => {
    refuses(() => shrunkElasticities([]), 'TOO_FEW');
    refuses(() => shrunkElasticities([{ key: 'a', slope: -1, variance: 0 }]), 'BAD_RANGE');
  });
});

describe('vanWestendorp', function () {
  this.timeout(180_000);
  it('finds the four crossings of straight curves', () => {
    // each answer uniform on a stretch of 100 prices: the curves are straight, the crossings follow by hand
    const answers = Array.from({ length: 100 }, (_, i) => ({
      tooCheap: i + 1,
      cheap: i + 51,
      expensive: i + 101,
      tooExpensive: i + 151,
    }));
    const { lower, optimal, indifference, upper } = vanWestendorp(answers);
    expect(lower).to.be.closeTo(75, 1);
    expect(indifference).to.be.closeTo(125, 1);
    expect(upper).to.be.closeTo(175, 1);
    expect(optimal).to.be.within(100, 151);
    expect(lower).to.be.at.most(indifference);
  });

  it('leaves out answers that contradict themselves', () => {
    const good = { tooCheap: 10, cheap: 20, expensive: 30, tooExpensive: 40 };
    const points = vanWestendorp([good, { ...good, cheap: 21 }]);
    expect(vanWestendorp([good, { ...good, cheap: 21 }, { ...good, tooCheap: 99 }])).to.eql(points);
    refuses(() => vanWestendorp([{ ...good, tooCheap: 99 }]), 'TOO_FEW');
    refuses(() => vanWestendorp([{ ...good, tooCheap: NaN }]), 'BAD_SHAPE');
  });
});
