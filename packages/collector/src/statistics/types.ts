export interface Interval {
  value: number;
  lo: number;
  hi: number;
}
export interface Arm {
  successes: number;
  trials: number;
}
export type Keyed<T> = (T & { key: string })[];
export interface BetaPrior {
  a: number;
  b: number;
}
