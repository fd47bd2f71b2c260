import { s } from '../dom.js';
import { seeded } from '../random.js';

/** The landscape is far wider than the safe area, so that a pane of any shape is filled to its edges. */
const LEFT = -1600;
const RIGHT = 2600;
const TOP = -1400;
const BOTTOM = 2200;

const ridge = (seed: number, base: number, height: number, step: number): string => {
  const random = seeded(seed);
  let d = `M${LEFT} ${base}`;
  for (let x = LEFT; x <= RIGHT; x += step) {
    const swell = Math.sin(x / 330 + seed) * 0.35 + Math.sin(x / 143 + seed * 2) * 0.2;
    d += `L${x} ${(base - height * (0.45 + swell + random() * 0.32)).toFixed(0)}`;
  }
  return `${d}L${RIGHT} ${base}Z`;
};

const hills = (seed: number, base: number, height: number): string => {
  let d = `M${LEFT} ${base}`;
  for (let x = LEFT; x <= RIGHT; x += 60) {
    const swell = Math.sin(x / 260 + seed) * 0.5 + Math.sin(x / 97 + seed * 3) * 0.16;
    d += `L${x} ${(base - height * (0.6 + swell)).toFixed(1)}`;
  }
  return `${d}L${RIGHT} ${base}Z`;
};

const spruce = (x: number, foot: number, height: number, tone: number): SVGElement => {
  const half = height * 0.17;
  const tiers = [0.1, 0.34, 0.58].map((from, i) => {
    const w = half * (1 - i * 0.26);
    const y = foot - height * from;
    const tip = foot - height * (0.52 + i * 0.24);
    return `M${(x - w).toFixed(1)} ${y.toFixed(1)}Q${x} ${(y + height * 0.035).toFixed(1)} ${(x + w).toFixed(1)} ${y.toFixed(1)}L${x} ${tip.toFixed(1)}Z`;
  });
  return s(
    'g',
    { class: `tree tree-${tone}` },
    s('path', {
      class: 'trunk',
      d: `M${x - height * 0.012} ${foot}h${height * 0.024}v${-height * 0.14}h${-height * 0.024}Z`,
    }),
    s('path', { d: tiers.join('') }),
  );
};

const birch = (x: number, foot: number, height: number): SVGElement =>
  s(
    'g',
    { class: 'birch' },
    s('ellipse', {
      class: 'tree-shadow',
      cx: x + height * 0.2,
      cy: foot + 2,
      rx: height * 0.26,
      ry: height * 0.025,
    }),
    s('path', {
      class: 'birch-trunk',
      d: `M${x - height * 0.012} ${foot}L${x - height * 0.005} ${foot - height * 0.7}h${height * 0.012}L${x + height * 0.014} ${foot}Z`,
    }),
    ...[
      [0, 0.72, 0.17, 0.26],
      [-0.09, 0.58, 0.12, 0.17],
      [0.1, 0.6, 0.12, 0.19],
    ].map(([dx, up, rx, ry], i) =>
      s('ellipse', {
        class: `leaves leaves-${i}`,
        cx: x + height * dx!,
        cy: foot - height * up!,
        rx: height * rx!,
        ry: height * ry!,
      }),
    ),
  );

const forest = (seed: number, count: number, foot: number, size: number, tone: number): SVGElement[] => {
  const random = seeded(seed);
  const width = (RIGHT - LEFT) / count;
  return Array.from({ length: count }, (_, i) =>
    spruce(
      Math.round(LEFT + (i + random()) * width),
      foot + random() * 5,
      size * (0.6 + random() * 0.6),
      tone,
    ),
  );
};

/** Vertical gradient between two heights of the drawing; the classes of its stops carry the colours. */
const gradient = (
  id: string,
  from: number,
  to: number,
  stops: readonly (readonly [number, string])[],
): SVGElement =>
  s(
    'linearGradient',
    { id, gradientUnits: 'userSpaceOnUse', x1: 0, x2: 0, y1: from, y2: to },
    ...stops.map(([offset, name]) => s('stop', { offset, class: name })),
  );

const rect = (name: string, y: number, height: number, fill: string): SVGElement =>
  s('rect', { class: name, x: LEFT, y, width: RIGHT - LEFT, height, fill });

/**
 * Sky, Alps, forest edge and meadow behind the house.
 * @param horizon height of the camera's horizon in the drawing
 */
export const drawBackground = (id: string, horizon: number): SVGElement => {
  const stars = seeded(7);
  return s(
    'g',
    { class: 'landscape' },
    s(
      'defs',
      {},
      gradient(`${id}-sky`, horizon - 620, horizon, [
        [0, 'sky-0'],
        [0.62, 'sky-1'],
        [1, 'sky-2'],
      ]),
      gradient(`${id}-far`, horizon - 170, horizon, [
        [0, 'far'],
        [1, 'mist'],
      ]),
      gradient(`${id}-middle`, horizon - 105, horizon + 10, [
        [0, 'middle'],
        [1, 'mist'],
      ]),
      gradient(`${id}-meadow`, horizon, horizon + 520, [
        [0, 'meadow-0'],
        [0.22, 'meadow-1'],
        [1, 'meadow-2'],
      ]),
      gradient(`${id}-mound`, horizon + 12, horizon + 120, [
        [0, 'mound-0'],
        [1, 'mound-1'],
      ]),
      s(
        'radialGradient',
        { id: `${id}-sun` },
        s('stop', { offset: 0, class: 'sun-0' }),
        s('stop', { offset: 1, class: 'sun-1' }),
      ),
    ),
    rect('sky', TOP, horizon - TOP + 20, `url(#${id}-sky)`),
    s(
      'g',
      { class: 'stars' },
      ...Array.from({ length: 110 }, () =>
        s('circle', {
          cx: Math.round(LEFT + stars() * (RIGHT - LEFT)),
          cy: Math.round(-500 + stars() * (horizon + 400)),
          r: (0.5 + stars() * 0.9).toFixed(1),
        }),
      ),
    ),
    s('circle', { cx: 812, cy: horizon - 205, r: 320, fill: `url(#${id}-sun)` }),
    s('circle', { class: 'disc', cx: 812, cy: horizon - 205, r: 27 }),
    s('path', { fill: `url(#${id}-far)`, d: ridge(5, horizon + 4, 178, 74) }),
    s('path', { fill: `url(#${id}-middle)`, d: ridge(11, horizon + 4, 112, 58) }),
    s('path', { class: 'hill', d: hills(2, horizon + 4, 54) }),
    s('g', {}, ...forest(3, 150, horizon + 4, 30, 0)),
    rect('meadow', horizon, BOTTOM - horizon, `url(#${id}-meadow)`),
    s('path', { fill: `url(#${id}-mound)`, d: hills(4, horizon + 120, 104) }),
    s('g', {}, ...forest(8, 40, horizon + 18, 62, 1).filter((_, i) => i % 3 !== 1)),
    s(
      'g',
      {},
      ...(
        [
          [-420, 60, 210],
          [-330, 46, 170],
          [-245, 66, 235],
          [-60, 52, 190],
          [12, 62, 232],
          [72, 48, 168],
          [1010, 50, 186],
          [1076, 64, 238],
          [1150, 52, 196],
          [1310, 66, 230],
          [1420, 50, 190],
        ] as const
      ).map(([x, below, height]) => spruce(x, horizon + below, height, 2)),
    ),
    grass(horizon),
  );
};

/** Tufts of grass over the meadow. */
const grass = (horizon: number): SVGElement => {
  const random = seeded(21);
  let d = '';
  for (let i = 0; i < 260; i++) {
    const x = LEFT + random() * (RIGHT - LEFT);
    const y = horizon + 90 + random() * 560;
    const size = 2.5 + ((y - horizon) / 400) * 7;
    for (const [dx, dy] of [
      [-0.35, 1],
      [0.1, 1.3],
      [0.5, 0.9],
    ] as const) {
      d += `M${x.toFixed(0)} ${y.toFixed(0)}l${(size * dx).toFixed(1)} ${(-size * dy).toFixed(1)}`;
    }
  }
  return s('path', { class: 'grass', d });
};

/** Birches before the house, at the edges of the picture. */
export const drawForeground = (horizon: number): SVGElement =>
  s('g', {}, birch(-190, horizon + 200, 380), birch(1225, horizon + 175, 350));
