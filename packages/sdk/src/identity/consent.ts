import type { Level } from '../types.js';

const ORDER: readonly Level[] = ['off', 'none', 'statistics', 'all'];

export const isLevel = (value: unknown): value is Level => ORDER.includes(value as Level);
/** Whether a level may store and number people. */
export const stores = (level: Level): boolean => ORDER.indexOf(level) > 1;
export const lower = (p: Level, q: Level): Level => (ORDER.indexOf(p) < ORDER.indexOf(q) ? p : q);

/** Level a page starts at: the site's option, `none` by default, which Global Privacy Control and Do Not Track cap at `none`. */
export const startLevel = (option: unknown, refused: boolean): Level =>
  lower(isLevel(option) ? option : 'none', refused ? 'none' : 'all');

/** Whether a change to another level deletes what is stored and gives up what waits. */
export const withdraws = (from: Level, to: Level): boolean => to === 'off' || (stores(from) && !stores(to));
/** Whether a change of level makes databases and ids, once what waits is sent. */
export const raises = (from: Level, to: Level): boolean => !stores(from) && stores(to);
