import { s } from '../dom.js';
import { lengthOf, MODULE, type House } from './house.js';
import { line, polygon, type Point3, type Project } from './projection.js';

interface Opening {
  /** Offset in its module and size, metres. */
  from: number;
  width: number;
  sill: number;
  head: number;
  leaves: number;
}

const DOOR: Opening = { from: 0.2, width: 2.1, sill: 0.12, head: 2.42, leaves: 2 };
const TALL: Opening = { from: 0.75, width: 1, sill: 0.12, head: 2.42, leaves: 1 };
const BAND: Opening = { from: 0.4, width: 1.7, sill: 1.15, head: 2.42, leaves: 1 };
/** What each module looks like from the terrace side; the first ones belong to the living room. */
const PATTERN: readonly (Opening | null)[] = [DOOR, DOOR, null, TALL, DOOR, BAND, TALL, DOOR];

const FRAME = 0.075;
const RECESS = 0.14;

const drawOpening = (project: Project, offset: number, opening: Opening, id: string): SVGElement => {
  const { sill, head, leaves, width } = opening;
  const left = offset + opening.from;
  const right = left + width;
  const ring = (inset: number, y: number): Point3[] => [
    [left + inset, y, sill + inset],
    [right - inset, y, sill + inset],
    [right - inset, y, head - inset],
    [left + inset, y, head - inset],
  ];
  const frame = polygon(project, ring(0, RECESS)) + polygon(project, ring(FRAME, RECESS).reverse());
  let bars = '';
  for (let i = 1; i < leaves; i++) {
    const x = left + (width * i) / leaves;
    bars += polygon(project, [
      [x - FRAME * 0.6, RECESS, sill],
      [x + FRAME * 0.6, RECESS, sill],
      [x + FRAME * 0.6, RECESS, head],
      [x - FRAME * 0.6, RECESS, head],
    ]);
  }
  const shine = polygon(project, [
    [left + width * 0.12, RECESS, sill + FRAME],
    [left + width * 0.4, RECESS, sill + FRAME],
    [left + width * 0.62, RECESS, head - FRAME],
    [left + width * 0.34, RECESS, head - FRAME],
  ]);
  return s(
    'g',
    {},
    s('path', { class: 'reveal', d: polygon(project, ring(0, 0)) }),
    s('path', { fill: `url(#${id}-glass)`, d: polygon(project, ring(0, RECESS)) }),
    s('path', {
      class: 'curtain',
      d: polygon(project, [
        [right - width * 0.2, RECESS, sill],
        [right - FRAME, RECESS, sill],
        [right - FRAME, RECESS, head],
        [right - width * 0.2, RECESS, head],
      ]),
    }),
    s('path', { class: 'shine', d: shine }),
    s('path', { class: 'frame', d: frame }),
    bars ? s('path', { class: 'bar', d: bars }) : null,
    s('path', { class: 'sill', d: line(project, [left, 0, sill], [right, 0, sill]) }),
  );
};

/** Doors and windows of the long side. */
export const drawOpenings = (house: House, project: Project, id: string): SVGElement =>
  s(
    'g',
    {},
    ...PATTERN.slice(0, lengthOf(house) / MODULE).map(
      (opening, i) => opening && drawOpening(project, i * MODULE, opening, id),
    ),
  );
