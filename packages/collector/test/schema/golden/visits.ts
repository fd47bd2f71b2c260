import { DAY_MS, type TestEvent } from '../support.js';

/** Monday, 00:00 in Vienna. */
export const START = Date.UTC(2026, 9, 4, 22);
export const END = START + 14 * DAY_MS;

/** An event of the golden list, with every field that a reference reads. */
export interface Visit extends TestEvent {
  ts: number;
  seq: number;
  visitor: number;
  session: number;
  stream: string;
  consent: 'none' | 'statistics';
  bot: number;
  path: string;
  name: string;
  kind: string;
  channel: string;
  device: string;
  country: string;
  model: string;
  option_group: string;
  option: string;
  config_hash: string;
  parts: Record<string, string>;
  price_cents: number;
  value: number;
  duration_ms: number;
  depth: number;
  element: string;
  ex: number;
  ey: number;
  experiment: string;
  variant: string;
  fingerprint: string;
  times: number;
  ref: string;
}

/** Numbers 0…n−1 in an order that never changes (Park & Miller 1988). */
export const dice = (seed: number): ((n: number) => number) => {
  let state = seed;
  return (n) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % n;
  };
};

const pick = <T>(roll: (n: number) => number, from: readonly T[]): T => from[roll(from.length)]!;

const GROUPS: Readonly<Record<string, readonly string[]>> = {
  facade: ['wood', 'plaster', 'metal'],
  floor: ['oak', 'stone'],
  pv: ['yes', 'no'],
};

/** Another number for other options, as the edge makes it. */
const hashOf = (parts: Readonly<Record<string, string>>): string =>
  String(
    [...JSON.stringify(Object.entries(parts).sort())].reduce(
      (hash, letter) => (hash * 31 + letter.charCodeAt(0)) % 9_007_199_254_740,
      7,
    ),
  );

/** Sixty visitors over two weeks, one to three sessions each; a tenth of the sessions are crawlers'. */
export const visits = (): Visit[] => {
  const roll = dice(20_261_125);
  const events: Visit[] = [];
  let session = 0;
  for (let visitor = 1; visitor <= 60; visitor++) {
    const person = {
      visitor,
      consent: roll(4) === 0 ? ('none' as const) : ('statistics' as const),
      device: pick(roll, ['desktop', 'mobile']),
      country: pick(roll, ['AT', 'DE']),
    };
    const variant = pick(roll, ['a', 'b']);
    for (let again = roll(3); again >= 0; again--) {
      session++;
      const bot = roll(10) === 0 ? 1 : 0;
      const channel = pick(roll, ['direct', 'search', 'paid']);
      const model = pick(roll, ['nest-80', 'nest-120', 'nest-150']);
      const begin = START + roll(13) * DAY_MS + roll(86_000) * 1000;
      let seq = 0;
      let at = begin;
      const parts: Record<string, string> = {};
      const add = (type: string, more: Partial<Visit> = {}): void => {
        at += 1000 + roll(60_000);
        events.push({
          path: '/konfigurator',
          name: '',
          kind: '',
          model: '',
          option_group: '',
          option: '',
          config_hash: '0',
          parts: {},
          price_cents: 0,
          value: 0,
          duration_ms: 0,
          depth: 0,
          element: '',
          ex: 0,
          ey: 0,
          experiment: '',
          variant: '',
          fingerprint: '0',
          times: 0,
          ref: '',
          ...person,
          type,
          ts: at,
          seq: seq++,
          session,
          stream: `00000000-0000-4000-8000-${String(session).padStart(12, '0')}`,
          bot,
          channel,
          ...more,
        });
      };
      add('page_view', { path: pick(roll, ['/', '/modelle']) });
      if (roll(2) === 0) add('page_view');
      // a visitor may meet both arms: those are dropped
      if (roll(2) === 0) add('exposure', { experiment: 'e', variant: roll(12) === 0 ? 'c' : variant });
      for (let clicks = roll(5); clicks > 0; clicks--) {
        add('click', { element: pick(roll, ['#a', '#b', '#c']), ex: roll(4) * 2048, ey: roll(2) * 2048 });
      }
      for (let options = roll(5); options > 0; options--) {
        const group = pick(roll, Object.keys(GROUPS));
        const option = pick(roll, GROUPS[group]!);
        parts[group] = option;
        add('option_select', { option_group: group, option, model, value: (roll(7) - 3) * 100_000 });
      }
      if (Object.keys(parts).length > 0) {
        const hash = hashOf(parts);
        const price_cents = 15_000_000 + roll(20) * 500_000;
        add('config', {
          kind: pick(roll, ['change', 'save', 'share']),
          model,
          config_hash: hash,
          parts: { ...parts },
          price_cents,
        });
        if (roll(2) === 0) add('price_view', { model, price_cents });
        if (roll(4) === 0) add('inquiry', { model, price_cents });
      }
      add('scroll', { depth: 25 * (1 + roll(4)) });
      add('vital', { name: 'LCP', value: 500 + roll(4000) });
      if (roll(4) === 0)
        add('error', { kind: 'exception', fingerprint: pick(roll, ['7', '9']), times: roll(3) });
      add('page_leave', { depth: roll(101), duration_ms: roll(90_000) });
    }
  }
  return events;
};
