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
/** What a mean and a variance need: count, Σ y, Σ y². */
export interface Moments {
  n: number;
  sum: number;
  squares: number;
}
/** One value per step ahead; `se` is the standard error of a single future value. */
export interface Forecast {
  mean: number[];
  se: number[];
  lo80: number[];
  hi80: number[];
  lo95: number[];
  hi95: number[];
  model: string;
}
/** What each channel brought; the values add up to what came in. */
export interface Credit {
  conversions: Record<string, number>;
  value: Record<string, number>;
}
