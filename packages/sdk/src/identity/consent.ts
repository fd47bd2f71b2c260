import type { Level } from '../types.js';

const ORDER: readonly Level[] = ['off', 'none', 'statistics', 'all'];

export const isLevel = (value: unknown): value is Level => ORDER.includes(value as Level);
/** Whether a level may store and number people. */
export const stores = (level: Level): boolean => ORDER.indexOf(level) > 1;
export const lower = (p: Level, q: Level): Level => (ORDER.indexOf(p) < ORDER.indexOf(q) ? p : q);

/** Level a page starts at: the site's option, which Global Privacy Control and Do Not Track cap at `none`. */
export const startLevel = (option: Level, refused: boolean): Level =>
  refused ? lower(option, 'none') : option;

/** What a change of level asks for besides the end of the stream. */
export interface Transition {
  /** What is stored is deleted, what waits is given up; at `off` listeners are removed too. */
  withdraw: boolean;
  /** What waits is sent first, then databases and ids are made. */
  raise: boolean;
}

/** Of two different levels. */
export const transition = (from: Level, to: Level): Transition => ({
  withdraw: to === 'off' || (stores(from) && !stores(to)),
  raise: !stores(from) && stores(to),
});
