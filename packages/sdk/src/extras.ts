import { assign } from '@lintel/protocol/bucket';
import { rankOf } from './delivery/ranks.js';
import { sending } from './delivery/sending.js';
import { isLevel, lower } from './identity/consent.js';
import type { Core, Extras, Signals } from './late.js';
import { navigationEntry } from './lib/navigation-entry.js';
import type { Settings } from '@lintel/protocol/types';

/** One stream in so many tells what the SDK cost. */
const HEALTH = 100;
const CACHED = 'settings';

/** What the visitor sees. */
interface Choice {
  variant: string;
  version?: number | undefined;
  /** False for those who never were enrolled, and for those whose exposure was told. */
  untold: boolean;
}

/**
 * The rest of sending; and experiments, sampling and what else `/v1/settings` decides: fresh, else as another page left
 * them, else nothing. The signals are there already.
 */
export const joinExtras = (core: Core): Extras => {
  const { state, delivery, endpoint, setLevel } = core;
  const { options, seams, guard } = state;
  const { tell, leaving, renew, off } = state.late as Signals;
  const { clock } = seams;
  const random = seams.random.number;
  const healthy = random() < 1 / HEALTH;
  const { pause } = delivery.enrich(sending);
  let settings: Settings | undefined;
  let fresh: Settings | undefined;
  /** Drawn once, so that a stream has all of its clicks or none. */
  let chance = random();
  let choices = new Map<string, Choice>();

  const told = (next: Settings): void => {
    settings = next;
    if (next.pause) pause(next.pause * 1000);
    if (isLevel(next.level)) void setLevel(lower(state.level, next.level));
    if (next.off) off(next.off);
  };
  const keep = (change: (old: Settings | undefined) => Settings | undefined): Promise<unknown> =>
    delivery.update<Settings | undefined>(CACHED, change).catch(() => {});
  const cached = keep((old) => {
    if (old && !fresh) told(old);
    return fresh ?? old;
  });
  const url = `${endpoint}/settings?key=${encodeURIComponent(options.key)}`;
  const known = seams.transport
    .fetch(url, { credentials: 'omit' })
    .then(async (response) => {
      if (!response.ok) throw TypeError(url);
      told((fresh = (await response.json()) as Settings));
      void keep(() => fresh);
    })
    .catch(() => cached);

  /** The arm of the visitor. Without a unit nobody is enrolled, because a sticky arm needs an id. */
  const look = (name: string): Choice | undefined => {
    const experiment = settings?.experiments?.find((one) => one.name === name);
    const version = experiment?.version;
    // the site's server already chose with the same function
    const given = options.assigned?.[name];
    if (given !== undefined) return { variant: given, version, untold: true };
    if (!settings) return undefined;
    const unit = options.unit ?? state.visitor;
    const arm =
      experiment && unit !== null ? assign(experiment.salt, unit, experiment.traffic, experiment.arms) : null;
    return { variant: arm ?? 'control', version, untold: arm !== null };
  };

  const vital = (name: string, value: number, attribution?: object): void =>
    void tell('vital', { name, value: Math.round(value * 10) / 10, attribution });

  leaving((final) => {
    const { ownMs, ...stats } = core.stats();
    const props = { ...stats, stream: undefined, level: undefined, ownMs: Math.round(ownMs) };
    if (final && healthy) tell('custom', { name: 'lintel.health', props });
  });

  return {
    rate(type) {
      const share = rankOf(type) ? (settings?.sampling?.[type] ?? 1) : 1;
      return chance < share ? share : 0;
    },
    async experiment(name, wait) {
      await Promise.race([Promise.all([known, state.identified]), wait]);
      // undecided in time stays undecided: nobody sees a variant change under his eyes
      const choice = choices.get(name) ?? look(name) ?? { variant: 'control', untold: false };
      choices.set(name, choice);
      const { variant, version } = choice;
      if (choice.untold)
        tell('exposure', {
          experiment: name.slice(0, 256),
          variant: variant.slice(0, 256),
          version,
          unit: (options.unit ?? 'visitor').slice(0, 128),
        });
      choice.untold = false;
      return variant;
    },
    variant: (name) => (choices.get(name) ?? look(name))?.variant,
    ready(name, tickMs) {
      const began = state.view.startedMs || (navigationEntry()?.activationStart ?? 0);
      vital('ready', tickMs - began, name === undefined ? undefined : { name });
    },
    priced(chosenMs) {
      // a hidden tab paints nothing, so there is no delay to feel
      if (document.hidden) return;
      const painted = guard(() => vital('option_to_price', clock.tick() - chosenMs));
      requestAnimationFrame(() => void clock.after(0, painted));
    },
    renew() {
      renew();
      chance = random();
      choices = new Map();
    },
  };
};
