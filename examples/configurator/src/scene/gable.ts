import { s } from '../dom.js';
import { HALF, LOGGIA, RIM, roofAt, WIDTH, type House } from './house.js';
import { line, polygon, type Point3, type Project } from './projection.js';

/** How far one sees into the living room, metres. */
const ROOM = 5;
const NEAR = 0.6;
const FAR = WIDTH - NEAR;
const TOP_DROP = RIM + 0.12;

const top = (y: number): number => roofAt(y) - TOP_DROP;

/** The opening of the gable at depth `x`. */
const outline = (x: number): Point3[] => [
  [x, NEAR, 0],
  [x, FAR, 0],
  [x, FAR, top(FAR)],
  [x, HALF, top(HALF)],
  [x, NEAR, top(NEAR)],
];

const floorPattern = (house: House, project: Project): string => {
  let d = '';
  if (house.floor === 'parquet') {
    for (let y = NEAR; y < FAR; y += 0.34) d += line(project, [LOGGIA, y, 0], [ROOM, y, 0]);
  }
  if (house.floor === 'tiles') {
    for (let y = NEAR; y < FAR; y += 0.8) d += line(project, [LOGGIA, y, 0], [ROOM, y, 0]);
    for (let x = LOGGIA; x < ROOM; x += 0.8) d += line(project, [x, NEAR, 0], [x, FAR, 0]);
  }
  return d;
};

const liningPattern = (house: House, project: Project): string => {
  let d = '';
  if (house.interior === 'spruce') {
    for (let z = 0.35; z < top(HALF); z += 0.35) {
      d += line(project, [ROOM, NEAR, z], [ROOM, FAR, z]);
      if (z < top(FAR)) d += line(project, [LOGGIA, FAR, z], [ROOM, FAR, z]);
    }
  }
  if (house.interior === 'oak') {
    for (let y = NEAR; y < FAR; y += 0.62) d += line(project, [ROOM, y, 0], [ROOM, y, top(y)]);
  }
  if (house.interior === 'raw') {
    for (let y = NEAR; y < FAR; y += 1.25) d += line(project, [ROOM, y, 0], [ROOM, y, top(y)]);
    d += line(project, [ROOM, NEAR, 2.3], [ROOM, FAR, 2.3]);
  }
  return d;
};

const furniture = (project: Project): SVGElement => {
  const [lampX, lampY] = project([2.8, 3.9, 2.05]);
  const legs = [
    [2.2, 2.9],
    [2.2, 4.9],
    [3.4, 2.9],
    [3.4, 4.9],
  ] as const;
  return s(
    'g',
    {},
    s('path', { class: 'furniture-line', d: line(project, [2.8, 3.9, top(3.9)], [2.8, 3.9, 2.1]) }),
    s('path', {
      class: 'furniture-line',
      d: legs.map(([x, y]) => line(project, [x, y, 0], [x, y, 0.74])).join(''),
    }),
    s('path', {
      class: 'table',
      d: polygon(project, [
        [2, 2.6, 0.76],
        [3.6, 2.6, 0.76],
        [3.6, 5.2, 0.76],
        [2, 5.2, 0.76],
      ]),
    }),
    s('ellipse', { class: 'lamp', cx: lampX, cy: lampY, rx: 7, ry: 4.5 }),
    s('circle', { class: 'lamp-glow', cx: lampX, cy: lampY + 3, r: 34 }),
  );
};

/** The glazed front gable with its loggia: here one sees the lining and the floor. */
export const drawGable = (house: House, project: Project, id: string): SVGElement => {
  const clip = `${id}-gable`;
  const bars = [NEAR + (FAR - NEAR) / 4, HALF, NEAR + ((FAR - NEAR) * 3) / 4];
  const bar = 0.06;
  const upright = (y: number): string =>
    polygon(project, [
      [LOGGIA, y - bar, 0],
      [LOGGIA, y + bar, 0],
      [LOGGIA, y + bar, top(y + bar)],
      [LOGGIA, y - bar, top(y - bar)],
    ]);
  const transom = polygon(project, [
    [LOGGIA, NEAR, 2.36],
    [LOGGIA, FAR, 2.36],
    [LOGGIA, FAR, 2.48],
    [LOGGIA, NEAR, 2.48],
  ]);
  const wall = (from: number, to: number): string =>
    polygon(project, [
      [from, FAR, 0],
      [to, FAR, 0],
      [to, FAR, top(FAR)],
      [from, FAR, top(FAR)],
    ]);
  const ceiling = (from: number, to: number): string =>
    polygon(project, [
      [from, FAR, top(FAR)],
      [to, FAR, top(FAR)],
      [to, HALF, top(HALF)],
      [from, HALF, top(HALF)],
    ]);
  const ground = (from: number, to: number): string =>
    polygon(project, [
      [from, NEAR, 0],
      [to, NEAR, 0],
      [to, FAR, 0],
      [from, FAR, 0],
    ]);
  const inner = outline(LOGGIA);
  return s(
    'g',
    {},
    s('clipPath', { id: clip }, s('path', { d: polygon(project, outline(0)) })),
    s(
      'g',
      { 'clip-path': `url(#${clip})` },
      s('path', { class: 'room-back', d: polygon(project, outline(ROOM)) }),
      s('path', { class: 'room-wall', d: wall(LOGGIA, ROOM) }),
      s('path', { class: 'room-ceiling', d: ceiling(LOGGIA, ROOM) }),
      s('path', { class: 'room-floor', d: ground(LOGGIA, ROOM) }),
      s('path', { class: 'room-line', d: liningPattern(house, project) }),
      s('path', { class: 'floor-line', d: floorPattern(house, project) }),
      furniture(project),
      s('path', { class: 'gable-glass', d: polygon(project, inner) }),
      s('path', {
        class: 'shine',
        d: polygon(project, [
          [LOGGIA, 2.9, 0],
          [LOGGIA, 4.3, 0],
          [LOGGIA, 6.2, top(6.2)],
          [LOGGIA, 4.8, top(4.8)],
        ]),
      }),
      s('path', { class: 'bar', d: bars.map(upright).join('') + transom + upright(FAR - bar) }),
      s('path', { class: 'loggia-floor', d: ground(0, LOGGIA) }),
      s('path', { class: 'loggia-wall', d: wall(0, LOGGIA) }),
      s('path', { class: 'loggia-ceiling', d: ceiling(0, LOGGIA) }),
    ),
    s('path', { class: 'gable-edge', d: polygon(project, outline(0)) }),
  );
};
