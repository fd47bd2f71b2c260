import type { Device } from './people.js';
import type { Random } from './random.js';
import type { Recorder } from './recorder.js';

/** Where an element of the configurator roughly is, so that heat maps of generated clicks look like the page. */
interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

const ORDER = ['model', 'facade', 'interior', 'floor', 'windows', 'photovoltaics', 'heating'];
const GROUP_HEIGHT = [150, 370, 370, 300, 300, 190, 300];
const GROUP_TOP = GROUP_HEIGHT.map((_, i) =>
  GROUP_HEIGHT.slice(0, i).reduce((sum, height) => sum + height, 150),
);

const boxOf = (device: Device, label: string, index: number): Box => {
  const [width] = device.viewport;
  const narrow = width < 960;
  const left = narrow ? 20 : width - 480;
  const full = narrow ? width - 40 : 448;
  const group = ORDER.indexOf(label.split(':')[0]!);
  if (group < 0) return { left, top: narrow ? 620 : 480, width: Math.min(240, full), height: 48 };
  const top = GROUP_TOP[group]! + (narrow ? 380 : 0);
  if (group === 0) return { left: left + (index * full) / 5, top, width: full / 5 - 6, height: 66 };
  return { left, top: top + index * 76, width: full, height: 68 };
};

/** → seq of the click */
export const click = (
  recorder: Recorder,
  random: Random,
  device: Device,
  label: string,
  index = 0,
): number => {
  const [vw, vh] = device.viewport;
  const box = boxOf(device, label, index);
  const inside = (): number => Math.min(0.98, Math.max(0.02, 0.5 + 0.17 * random.normal()));
  const [ex, ey] = [inside(), inside()];
  return recorder.emit('click', {
    sel: `[data-lintel="${label}"]`,
    label,
    kind: device.touch ? 'touch' : 'mouse',
    ex: Math.round(ex * 32_767),
    ey: Math.round(ey * 32_767),
    px: Math.min(10_000, Math.round(((box.left + ex * box.width) / vw) * 10_000)),
    py: Math.round(box.top + ey * box.height),
    box: [box.left, box.top, box.width, box.height].map(Math.round),
    fixed: false,
    vw,
    vh,
    dh: vw < 960 ? 2600 : 2100,
  });
};

/** Clicks that the page did not answer as hoped: the drawing is no button, and the stepper can be slow to follow. */
export const frustration = (recorder: Recorder, random: Random, device: Device): void => {
  if (random.chance(0.035)) {
    recorder.emit('dead_click', {
      sel: 'svg.scene',
      label: 'svg:img',
      kind: device.touch ? 'touch' : 'mouse',
      waitedMs: 2500,
    });
  }
  if (random.chance(0.012)) {
    recorder.emit('rage_click', {
      sel: '[data-lintel="configurator:save"]',
      label: 'configurator:save',
      kind: device.touch ? 'touch' : 'mouse',
      count: random.integer(3, 6),
      ms: random.integer(500, 1000),
    });
  }
  if (device.touch && random.chance(0.12)) {
    recorder.emit('gesture', {
      kind: 'swipe',
      dir: 'left',
      distance: random.integer(60, 220),
      ms: random.integer(120, 400),
      sel: 'svg.scene',
    });
  }
};
