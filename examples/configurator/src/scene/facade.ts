import { s } from '../dom.js';
import { EAVES, HALF, lengthOf, RIDGE, WIDTH, roofAt, type House } from './house.js';
import { line, polygon, type Point3, type Project } from './projection.js';
import { seeded } from '../random.js';

type OnWall = (along: number, z: number) => Point3;

const side: OnWall = (along, z) => [along, 0, z];
const gable: OnWall = (along, z) => [0, along, z];

/** Upright boards in three tones; one path a tone keeps the document small. */
const boards = (
  project: Project,
  at: OnWall,
  length: number,
  top: (along: number) => number,
  width: number,
): SVGElement[] => {
  const random = seeded(Math.round(length * 10));
  const tones = ['', '', ''];
  for (let from = 0; from < length - 0.01; from += width) {
    const to = Math.min(length, from + width * 0.86);
    const tone = Math.floor(random() * 3);
    tones[tone] += polygon(project, [at(from, 0), at(to, 0), at(to, top(to)), at(from, top(from))]);
  }
  return tones.map((d, tone) => s('path', { d, class: `board board-${tone}` }));
};

/** Ribs of trapezoid sheet: a lit and a shaded line for each. */
const ribs = (
  project: Project,
  at: OnWall,
  length: number,
  top: (along: number) => number,
  width: number,
): SVGElement[] => {
  let light = '';
  let dark = '';
  for (let along = width / 2; along < length; along += width) {
    light += line(project, at(along, 0), at(along, top(along)));
    const shaded = along + width * 0.28;
    if (shaded < length) dark += line(project, at(shaded, 0), at(shaded, top(shaded)));
  }
  return [s('path', { d: dark, class: 'rib rib-dark' }), s('path', { d: light, class: 'rib rib-light' })];
};

/** Joints of fibre cement boards. */
const joints = (
  project: Project,
  at: OnWall,
  length: number,
  top: (along: number) => number,
  width: number,
): SVGElement[] => {
  let d = '';
  for (let along = width; along < length - 0.1; along += width)
    d += line(project, at(along, 0), at(along, top(along)));
  return [s('path', { d, class: 'joint' })];
};

const pattern = (
  house: House,
  project: Project,
  at: OnWall,
  length: number,
  top: (along: number) => number,
): SVGElement[] => {
  if (house.facade === 'wood') return boards(project, at, length, top, 0.21);
  if (house.facade === 'trapezoid') return ribs(project, at, length, top, 0.25);
  return joints(project, at, length, top, 1.25);
};

/** The two walls one sees, with the pattern of their cladding and the joints between modules. */
export const drawFacade = (house: House, project: Project): SVGElement => {
  const length = lengthOf(house);
  const modules = Array.from({ length: house.modules - 1 }, (_, i) => (i + 1) * (length / house.modules));
  return s(
    'g',
    {},
    s('path', {
      class: 'wall wall-side',
      d: polygon(project, [
        [0, 0, 0],
        [length, 0, 0],
        [length, 0, EAVES],
        [0, 0, EAVES],
      ]),
    }),
    s('g', { class: 'cladding cladding-side' }, ...pattern(house, project, side, length, () => EAVES)),
    s('path', { class: 'seam', d: modules.map((x) => line(project, [x, 0, 0], [x, 0, EAVES])).join('') }),
    s('path', {
      class: 'wall wall-gable',
      d: polygon(project, [
        [0, 0, 0],
        [0, WIDTH, 0],
        [0, WIDTH, EAVES],
        [0, HALF, RIDGE],
        [0, 0, EAVES],
      ]),
    }),
    s('g', { class: 'cladding cladding-gable' }, ...pattern(house, project, gable, WIDTH, roofAt)),
    s('path', { class: 'edge', d: line(project, [0, 0, 0], [0, 0, EAVES]) }),
  );
};
