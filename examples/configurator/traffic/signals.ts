import type { Device } from './people.js';
import type { Random } from './random.js';
import type { Recorder } from './recorder.js';

type Rating = 'good' | 'needs-improvement' | 'poor';

/** Thresholds of Web Vitals: good up to the first, poor above the second. Source: web.dev/articles/vitals */
const THRESHOLDS: Readonly<Record<string, readonly [number, number]>> = {
  LCP: [2500, 4000],
  INP: [200, 500],
  CLS: [0.1, 0.25],
  FCP: [1800, 3000],
  TTFB: [800, 1800],
};

const rate = (name: string, value: number): Rating => {
  const [good, poor] = THRESHOLDS[name]!;
  return value <= good ? 'good' : value <= poor ? 'needs-improvement' : 'poor';
};

/** Four days of every 45 run a release whose first picture came late. */
export const isSlowRelease = (day: number): boolean => day % 45 >= 30 && day % 45 < 34;

const vital = (recorder: Recorder, random: Random, name: string, raw: number): void => {
  const value = name === 'CLS' ? Math.round(raw * 10_000) / 10_000 : Math.round(raw * 10) / 10;
  recorder.emit('vital', {
    name,
    value,
    delta: value,
    id: `v6-${random.integer(1e9, 9e9)}`,
    rating: rate(name, value),
    nav: 'navigate',
  });
};

/** What the browser measures while the page loads. */
export const loadVitals = (recorder: Recorder, random: Random, device: Device, day: number): void => {
  const ttfb = random.around(140 * device.slowness, 0.5);
  const fcp = ttfb + random.around(480 * device.slowness, 0.4);
  const lcp = fcp + random.around((isSlowRelease(day) ? 1500 : 420) * device.slowness, 0.5);
  vital(recorder, random, 'TTFB', ttfb);
  vital(recorder, random, 'FCP', fcp);
  recorder.wait(lcp);
  vital(recorder, random, 'LCP', lcp);
};

/** What is final only when the page is left. */
export const leaveVitals = (recorder: Recorder, random: Random, device: Device, clicked: boolean): void => {
  vital(recorder, random, 'CLS', random.chance(0.7) ? 0 : random.around(0.03, 0.9));
  if (clicked) vital(recorder, random, 'INP', random.around(62 * device.slowness, 0.55));
};

/** "The configurator can be used", and the delay between a choice and its price. */
export const ownVital = (recorder: Recorder, name: 'ready' | 'option_to_price', ms: number): void => {
  const value = Math.round(ms * 10) / 10;
  recorder.emit('vital', { name, value, delta: value });
};

interface Fault {
  kind: 'exception' | 'rejection' | 'resource';
  name: string;
  message: string;
  frames: readonly string[];
}

const ERRORS: readonly (readonly [number, Fault])[] = [
  [
    5,
    {
      kind: 'exception',
      name: 'TypeError',
      message: "undefined is not an object (evaluating 'e.options.photovoltaics')",
      frames: ['panelsOf (/assets/index.js:1:20412)', 'update (/assets/index.js:1:31077)'],
    },
  ],
  [
    3,
    {
      kind: 'rejection',
      name: 'NotAllowedError',
      message: 'Write permission denied.',
      frames: ['share (/assets/index.js:1:40211)'],
    },
  ],
  [2, { kind: 'resource', name: 'img', message: '/images/interior-oak.avif', frames: [] }],
  [1, { kind: 'exception', name: 'Error', message: 'Script error.', frames: [] }],
];

export const fault = (recorder: Recorder, random: Random, after?: number): void => {
  const { kind, name, message, frames } = random.pick(ERRORS);
  recorder.emit('error', {
    kind,
    name,
    message,
    frames: [...frames],
    count: 1,
    handled: false,
    ...(after === undefined || after < 0 ? {} : { after }),
  });
};
