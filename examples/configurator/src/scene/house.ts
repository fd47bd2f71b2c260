import type { Point3 } from './projection.js';

/** What the drawing needs to know about a configuration. */
export interface House {
  modules: number;
  facade: string;
  interior: string;
  floor: string;
  windows: string;
  panels: number;
  heating: string;
}

/** Metres. A module is what fits on a lorry. */
export const MODULE = 2.5;
export const WIDTH = 8;
export const EAVES = 2.9;
export const RIDGE = 5.6;
export const HALF = WIDTH / 2;
/** Depth of the loggia in the front gable, and how thick its frame is. */
export const LOGGIA = 0.7;
export const RIM = 0.3;

export const lengthOf = (house: House): number => house.modules * MODULE;

/** A point on the front roof slope: `along` the ridge, `up` from the eaves 0…1. */
export const onRoof = (along: number, up: number, lift = 0): Point3 => [
  along,
  up * HALF,
  EAVES + up * (RIDGE - EAVES) + lift,
];

/** Height of the roof above `y`. */
export const roofAt = (y: number): number => RIDGE - (Math.abs(y - HALF) / HALF) * (RIDGE - EAVES);
