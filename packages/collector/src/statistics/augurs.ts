import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { AutoETS, initSync as initEts } from '@bsull/augurs/ets';
import { initSync as initMstl, MSTL } from '@bsull/augurs/mstl';
import { StatisticsError } from './errors.js';
import { gaussian, Z95 } from './forecast-shape.js';
import type { Forecast } from './types.js';

/** The package's WebAssembly lies beside its JavaScript, wherever npm put it; it is compiled at the first use. */
const bytesOf = (name: 'ets' | 'mstl'): Buffer => {
  const script = createRequire(import.meta.url).resolve(`@bsull/augurs/${name}`);
  return readFileSync(script.replace(/\.js$/, '_bg.wasm'));
};
const once = (start: () => void): (() => void) => {
  let started = false;
  return () => {
    if (!started) start();
    started = true;
  };
};
const startEts = once(() => initEts({ module: bytesOf('ets') }));
const startMstl = once(() => initMstl({ module: bytesOf('mstl') }));

interface Model {
  fit: (y: Float64Array) => void;
  predict: (
    horizon: number,
    level: number,
  ) => { point: number[]; intervals: { lower: number[]; upper: number[] } | undefined };
  free: () => void;
}

const run = (model: Model, y: readonly number[], horizon: number, name: string): Forecast => {
  try {
    model.fit(Float64Array.from(y));
    const { point, intervals } = model.predict(horizon, 0.95);
    const mean = [...point];
    const se = mean.map((_, h) => (intervals!.upper[h]! - intervals!.lower[h]!) / (2 * Z95));
    if (![...mean, ...se].every(Number.isFinite)) throw new Error('no finite forecast');
    return gaussian(mean, se, name);
  } catch (error) {
    throw new StatisticsError('NOT_CONVERGED', `${name}: ${String(error)}`);
  } finally {
    model.free();
  }
};

/** The best exponential smoothing without a season. @throws {StatisticsError} `NOT_CONVERGED` */
export const autoEts = (y: readonly number[], horizon: number): Forecast => {
  startEts();
  return run(new AutoETS(1, 'ZZN'), y, horizon, 'ets');
};

/** STL season, exponential smoothing of the rest. @throws {StatisticsError} `NOT_CONVERGED` */
export const stlEts = (y: readonly number[], period: number, horizon: number): Forecast => {
  startMstl();
  return run(MSTL.ets([period]), y, horizon, 'mstl-ets');
};
