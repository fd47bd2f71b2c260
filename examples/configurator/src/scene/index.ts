import { s } from '../dom.js';
import { drawFacade } from './facade.js';
import { drawGable } from './gable.js';
import { drawHeatPump, drawPerson, drawShadow, drawTerrace } from './ground.js';
import { EAVES, lengthOf, RIDGE, WIDTH, type House } from './house.js';
import { drawBackground, drawForeground } from './landscape.js';
import { drawOpenings } from './openings.js';
import { fitInto, perspective, type Frame, type Point3, type Project } from './projection.js';
import { drawChimney, drawPanels, drawRoof } from './roof.js';

export type { House } from './house.js';

/** Part of the drawing that is always visible, whatever the shape of its pane. */
const VIEW = { width: 1000, height: 620 };
const HORIZON = 318;

/** A longer house fills more of the picture, but not in proportion: the smallest still has a presence. */
const frameOf = (house: House): Frame => {
  const width = 590 + (house.modules - 4) * 56;
  return { left: 500 - width / 2, top: 40, width, height: 440 };
};

const corners = (house: House): Point3[] => {
  const length = lengthOf(house);
  return [0, length].flatMap((x): Point3[] => [
    [x, 0, 0],
    [x, WIDTH, 0],
    [x, 0, EAVES],
    [x, WIDTH, EAVES],
    [x, WIDTH / 2, RIDGE],
  ]);
};

const EYE_HEIGHT = 4.3;
const HEADING = [0.68, 0.74] as const;

const camera = (house: House): Project => {
  const middle = lengthOf(house) * 0.42;
  const distance = 21 + lengthOf(house) * 0.55;
  const eye: Point3 = [middle - HEADING[0] * distance, -HEADING[1] * distance, EYE_HEIGHT];
  return perspective(eye, HEADING);
};

/** Glass mirrors the sky above and the meadow below; the roof catches light along its ridge. */
const materials = (id: string): SVGElement =>
  s(
    'defs',
    {},
    ...['glass', 'roof'].map((name) =>
      s(
        'linearGradient',
        { id: `${id}-${name}`, x1: 0, y1: 0, x2: 0, y2: 1 },
        s('stop', { offset: 0, class: `${name}-0` }),
        s('stop', { offset: 1, class: `${name}-1` }),
      ),
    ),
  );

const drawHouse = (house: House, project: Project, id: string): SVGGElement =>
  s(
    'g',
    { class: 'house' },
    materials(id),
    drawShadow(house, project),
    drawTerrace(house, project),
    drawChimney(house, project),
    drawFacade(house, project),
    drawOpenings(house, project, id),
    drawGable(house, project, id),
    drawRoof(house, project, id),
    drawPanels(house, project),
    drawHeatPump(house, project),
  );

/** Materials are colours, so they live in `styles/scene.css` and follow the light or dark scheme. */
const paint = (svg: SVGSVGElement, house: House): void => {
  for (const name of ['facade', 'interior', 'floor', 'windows'] as const) svg.dataset[name] = house[name];
};

export interface Scene {
  element: SVGSVGElement;
  update(house: House, description: string): void;
}

/**
 * Drawing of a house in its landscape.
 * @param id unique on the page   @param description what a screen reader says
 */
export const createScene = (id: string, house: House, description: string): Scene => {
  const title = s('title', {}, description);
  let drawn = s('g');
  const stage = s('g');
  const element = s(
    'svg',
    {
      class: 'scene',
      viewBox: `0 0 ${VIEW.width} ${VIEW.height}`,
      role: 'img',
      preserveAspectRatio: 'xMidYMid meet',
    },
    title,
    stage,
  );
  stage.append(drawBackground(id, HORIZON), drawn, drawForeground(HORIZON));

  const draw = (now: House, fresh: boolean): void => {
    const project = withHorizon(fitInto(camera(now), corners(now), frameOf(now)));
    const next = drawHouse(now, project, `${id}-${fresh ? 0 : Date.now()}`);
    next.append(drawPerson(project));
    const before = drawn;
    if (fresh) before.remove();
    else {
      next.classList.add('house-entering');
      next.addEventListener('animationend', () => before.remove(), { once: true });
    }
    stage.insertBefore(next, stage.lastChild);
    drawn = next;
    paint(element, now);
  };
  draw(house, true);

  return {
    element,
    update(now, text) {
      title.textContent = text;
      draw(now, false);
    },
  };
};

/** Shifts the drawing so that the camera's horizon, its own eye height, meets that of the landscape. */
const withHorizon = (project: Project): Project => {
  const eyeLevel = project([0, 0, EYE_HEIGHT])[1];
  return (point) => {
    const [x, y] = project(point);
    return [x, y + HORIZON - eyeLevel];
  };
};

/** The house alone, cut close: for the cards of the models. */
export const drawModel = (id: string, house: House): SVGSVGElement => {
  const width = 196 + (house.modules - 4) * 22;
  const project = fitInto(camera(house), corners(house), {
    left: 170 - width / 2,
    top: 10,
    width,
    height: 150,
  });
  const element = s(
    'svg',
    { class: 'scene scene-model', viewBox: '0 0 340 180', 'aria-hidden': 'true' },
    drawHouse(house, project, id),
  );
  paint(element, house);
  return element;
};
