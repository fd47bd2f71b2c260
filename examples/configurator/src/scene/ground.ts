import { s } from '../dom.js';
import { HALF, lengthOf, MODULE, RIDGE, WIDTH, EAVES, type House } from './house.js';
import { line, polygon, type Point3, type Project } from './projection.js';

const slab = (project: Project, x0: number, x1: number, y0: number, y1: number, z: number): SVGElement =>
  s(
    'g',
    {},
    s('path', {
      class: 'deck-face',
      d:
        polygon(project, [
          [x0, y0, -0.1],
          [x1, y0, -0.1],
          [x1, y0, z],
          [x0, y0, z],
        ]) +
        polygon(project, [
          [x0, y0, -0.1],
          [x0, y1, -0.1],
          [x0, y1, z],
          [x0, y0, z],
        ]),
    }),
    s('path', {
      class: 'deck',
      d: polygon(project, [
        [x0, y0, z],
        [x1, y0, z],
        [x1, y1, z],
        [x0, y1, z],
      ]),
    }),
  );

/** Larch terrace in front of the living room and around the gable. */
export const drawTerrace = (house: House, project: Project): SVGElement => {
  const end = Math.min(lengthOf(house), 2 * MODULE + 0.2);
  let planks = '';
  for (let y = -2.4 + 0.3; y < 0; y += 0.3) planks += line(project, [-2.6, y, 0.02], [end, y, 0.02]);
  for (let y = 0.3; y < WIDTH; y += 0.3) planks += line(project, [-2.6, y, 0.02], [0, y, 0.02]);
  return s(
    'g',
    {},
    slab(project, -2.6, 0, 0, WIDTH, 0.02),
    slab(project, -2.6, end, -2.4, 0, 0.02),
    s('path', { class: 'plank', d: planks }),
  );
};

/** Shadow of the house on the meadow, the sun standing front left. */
export const drawShadow = (house: House, project: Project): SVGElement => {
  const length = lengthOf(house);
  const cast = ([x, y, z]: Point3): Point3 => [x + z * 0.75, y + z * 0.12, 0];
  const outline: Point3[] = [
    [-0.3, -0.35, 0],
    [length + 0.1, -0.35, 0],
    cast([length, 0, EAVES]),
    cast([length, HALF, RIDGE]),
    cast([length, WIDTH, EAVES]),
    [length, WIDTH, 0],
    [0, WIDTH, 0],
  ];
  return s('path', { class: 'shadow', d: polygon(project, outline) });
};

/** Outdoor unit of the heat pump, at the far end of the long side. */
export const drawHeatPump = (house: House, project: Project): SVGElement | null => {
  if (house.heating !== 'heat-pump') return null;
  const x0 = lengthOf(house) - 1.75;
  const [x1, y0, y1, z] = [x0 + 1.15, -1.15, -0.65, 1];
  const fan = Array.from({ length: 24 }, (_, i): Point3 => {
    const angle = (i / 24) * 2 * Math.PI;
    return [x0 + 0.5 + 0.36 * Math.cos(angle), y0, 0.52 + 0.36 * Math.sin(angle)];
  });
  const box = (points: Point3[], name: string) => s('path', { class: name, d: polygon(project, points) });
  return s(
    'g',
    {},
    box(
      [
        [x0 - 0.1, y0 - 0.1, 0],
        [x1 + 0.5, y0 - 0.1, 0],
        [x1 + 0.5, y1, 0],
        [x0 - 0.1, y1, 0],
      ],
      'shadow',
    ),
    box(
      [
        [x0, y0, 0.06],
        [x0, y1, 0.06],
        [x0, y1, z],
        [x0, y0, z],
      ],
      'unit unit-lit',
    ),
    box(
      [
        [x0, y0, 0.06],
        [x1, y0, 0.06],
        [x1, y0, z],
        [x0, y0, z],
      ],
      'unit',
    ),
    box(
      [
        [x0, y0, z],
        [x1, y0, z],
        [x1, y1, z],
        [x0, y1, z],
      ],
      'unit unit-top',
    ),
    box(fan, 'fan'),
    s('path', {
      class: 'fan-line',
      d: [0, 6, 12, 18].map((i) => line(project, fan[i]!, [x0 + 0.5, y0, 0.52])).join(''),
    }),
  );
};

/** A person beside the terrace, before the wall without windows, for scale. */
export const drawPerson = (project: Project): SVGElement => {
  const [x, foot] = project([5.95, -1.5, 0]);
  const head = project([5.95, -1.5, 1.72])[1];
  const u = (foot - head) / 100;
  const at = (dx: number, up: number): string => `${(x + dx * u).toFixed(1)} ${(foot - up * u).toFixed(1)}`;
  return s(
    'g',
    { class: 'person' },
    s('ellipse', { class: 'person-shadow', cx: x + 14 * u, cy: foot, rx: 26 * u, ry: 3.5 * u }),
    s('path', {
      class: 'person-legs',
      d: `M${at(-8, 50)}L${at(-7, 0)}L${at(-2, 0)}L${at(0, 40)}L${at(3, 0)}L${at(8, 0)}L${at(8, 50)}Z`,
    }),
    s('path', {
      class: 'person-coat',
      d: `M${at(-10, 82)}Q${at(0, 90)} ${at(10, 82)}L${at(12, 44)}Q${at(0, 40)} ${at(-12, 44)}Z`,
    }),
    s('circle', { class: 'person-head', cx: x, cy: foot - 93 * u, r: 7 * u }),
  );
};
