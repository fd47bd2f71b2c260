import { s } from '../dom.js';
import { EAVES, HALF, lengthOf, onRoof, RIDGE, WIDTH, type House } from './house.js';
import { line, polygon, type Project } from './projection.js';

/** Standing seams over the slope, the ridge, and the thin metal edge above both walls. */
export const drawRoof = (house: House, project: Project, id: string): SVGElement => {
  const length = lengthOf(house);
  const edge = 0.16;
  let seams = '';
  for (let along = 0.625; along < length - 0.1; along += 0.625) {
    seams += line(project, onRoof(along, 0, edge), onRoof(along, 1, edge));
  }
  return s(
    'g',
    {},
    s('path', {
      fill: `url(#${id}-roof)`,
      d: polygon(project, [
        onRoof(-0.06, 0, edge),
        onRoof(length + 0.06, 0, edge),
        onRoof(length + 0.06, 1, edge),
        onRoof(-0.06, 1, edge),
      ]),
    }),
    s('path', { class: 'roof-seam', d: seams }),
    s('path', {
      class: 'roof-edge',
      d: polygon(project, [
        onRoof(-0.06, 0, -0.02),
        onRoof(length + 0.06, 0, -0.02),
        onRoof(length + 0.06, 0, edge),
        onRoof(-0.06, 0, edge),
      ]),
    }),
    s('path', {
      class: 'roof-verge',
      d: polygon(project, [
        [-0.06, 0, EAVES - 0.02],
        [-0.06, HALF, RIDGE - 0.02],
        [-0.06, WIDTH, EAVES - 0.02],
        [-0.06, WIDTH, EAVES + edge],
        [-0.06, HALF, RIDGE + edge],
        [-0.06, 0, EAVES + edge],
      ]),
    }),
    s('path', { class: 'ridge', d: line(project, onRoof(-0.06, 1, edge), onRoof(length + 0.06, 1, edge)) }),
  );
};

/** Size of one photovoltaic module along the eaves and up the slope, metres and share of the slope. */
const PANEL = { along: 1.06, gap: 0.05, up: 0.4, gapUp: 0.02 };
const ROWS = 2;

/** Photovoltaic modules in two rows, centred on the slope. */
export const drawPanels = (house: House, project: Project): SVGElement | null => {
  if (house.panels === 0) return null;
  const columns = Math.ceil(house.panels / ROWS);
  const start = (lengthOf(house) - columns * (PANEL.along + PANEL.gap)) / 2;
  let glass = '';
  let cells = '';
  for (let i = 0; i < house.panels; i++) {
    const from = start + Math.floor(i / ROWS) * (PANEL.along + PANEL.gap);
    const to = from + PANEL.along;
    const low = 0.09 + (i % ROWS) * (PANEL.up + PANEL.gapUp);
    const high = low + PANEL.up;
    glass += polygon(project, [
      onRoof(from, low, 0.28),
      onRoof(to, low, 0.28),
      onRoof(to, high, 0.28),
      onRoof(from, high, 0.28),
    ]);
    for (const share of [1 / 3, 2 / 3]) {
      const x = from + PANEL.along * share;
      cells += line(project, onRoof(x, low, 0.28), onRoof(x, high, 0.28));
    }
    for (const share of [0.25, 0.5, 0.75]) {
      const up = low + PANEL.up * share;
      cells += line(project, onRoof(from, up, 0.28), onRoof(to, up, 0.28));
    }
  }
  return s('g', {}, s('path', { class: 'panel', d: glass }), s('path', { class: 'panel-cell', d: cells }));
};

/** Chimney of the pellet stove; it stands behind the ridge, so it is drawn before the roof. */
export const drawChimney = (house: House, project: Project): SVGElement | null => {
  if (house.heating !== 'pellet') return null;
  const x = lengthOf(house) * 0.62;
  const y = HALF + 0.9;
  const box = (z: number): string =>
    polygon(project, [
      [x, y, 4],
      [x + 0.5, y, 4],
      [x + 0.5, y, z],
      [x, y, z],
    ]);
  const flank = polygon(project, [
    [x, y, 4],
    [x, y + 0.5, 4],
    [x, y + 0.5, 6.5],
    [x, y, 6.5],
  ]);
  const [sx, sy] = project([x + 0.25, y, 6.6]);
  return s(
    'g',
    {},
    s(
      'g',
      { class: 'smoke' },
      ...[0, 1, 2].map((i) => s('circle', { class: `puff puff-${i}`, cx: sx, cy: sy, r: 7 })),
    ),
    s('path', { class: 'chimney chimney-lit', d: flank }),
    s('path', { class: 'chimney', d: box(6.5) }),
  );
};
