/** Line of the view `forecast`: what was foretold, by subject and method, from `made` on for a time that ends at `time`. */
export interface ForecastRow {
  time: string;
  made: string;
  subject: string;
  model: string;
  horizon: number;
  mean: number;
  lo80: number;
  hi80: number;
  lo95: number;
  hi95: number;
}

/** Line of the view `forecast_scores`: how good the forecasts were whose time is over. */
export interface ScoreRow {
  model: string;
  horizon: number;
  n: number;
  coverage80: number;
  coverage95: number;
  wape: number | null;
  skill: number | null;
  /** best possible WAPE at the volume of these forecasts */
  floor?: number | null;
}

/** Line of the view `forecast_months`: the same by the month in which they ended. */
export interface MonthRow {
  model: string;
  horizon: number;
  month: string;
  n: number;
  inside80: number;
  inside95: number;
  inside_last: number | boolean;
  wape: number | null;
  skill: number | null;
  floor: number | null;
}
