import type { Level } from '../types.js';

const ORDER: readonly Level[] = ['off', 'none', 'statistics', 'all'];

export const isLevel = (value: unknown): value is Level => ORDER.includes(value as Level);
/** Whether a level may store and number people. */
export const stores = (level: Level): boolean => ORDER.indexOf(level) > 1;
export const lower = (p: Level, q: Level): Level => (ORDER.indexOf(p) < ORDER.indexOf(q) ? p : q);

/** Level a page starts at: the site's option, which Global Privacy Control and Do Not Track cap at `none`. */
export const startLevel = (option: Level, refused: boolean): Level =>
  refused ? lower(option, 'none') : option;

/** What a change of level asks for, in this order. */
export interface Transition {
  /** The stream ends: none ties a consented part to an unconsented one. */
  change: boolean;
  /** What is stored is deleted, what waits is given up. */
  withdraw: boolean;
  /** What waits is sent first, then databases and ids are made. */
  raise: boolean;
  /** Listeners are removed; nothing is requested any more. */
  stop: boolean;
}

export const transition = (from: Level, to: Level): Transition => ({
  change: from !== to,
  withdraw: (stores(from) && !stores(to)) || (to === 'off' && from !== 'off'),
  raise: !stores(from) && stores(to),
  stop: to === 'off' && from !== 'off',
});
