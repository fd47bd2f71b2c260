import { choose, type Choice } from './experiments.js';
import { rankOf } from './delivery/ranks.js';
import { isLevel, lower } from './identity/consent.js';
import type { Core, Extras, Signals } from './late.js';
import { navigationEntry } from './lib/navigation-entry.js';
import type { Settings } from '@lintel/protocol/types';

/** One stream in so many tells what the SDK cost. */
const HEALTH = 100;
const CACHED = 'settings';

/** Experiments, sampling and what else `/v1/settings` decides: fresh, else as another page left them, else nothing. */
export const extras = (core: Core, signals: Signals): Extras => {
  const { options, seams, views, delivery, guard } = core;
  const { clock } = seams;
  const random = seams.random.number;
  let settings: Settings | undefined;
  let rates = new Map<string, number>();
  let choices = new Map<string, Choice>();
  let exposed = new Set<string>();
  const healthy = random();

  const told = (next: Settings): void => {
    settings = next;
    rates = new Map();
    if (next.pause) delivery.pause(next.pause * 1000);
    if (isLevel(next.level)) void core.consent(lower(core.state.level, next.level));
    if (next.off) signals.off(next.off);
  };
  let fresh: Settings | undefined;
  const cached = delivery
    .update<Settings | undefined>(CACHED, (old) => {
      if (old && !fresh) told(old);
      return fresh ?? old;
    })
    .catch(() => {});
  const read = async (): Promise<void> => {
    try {
      const url = `${core.endpoint}/settings?key=${encodeURIComponent(options.key)}`;
      const response = await seams.transport.fetch(url, { credentials: 'omit' });
      if (!response.ok) throw new Error(String(response.status));
      told((fresh = (await response.json()) as Settings));
      void delivery.update(CACHED, () => fresh).catch(() => {});
    } catch {
      await cached;
    }
  };
  const known = read();

  const look = (name: string): Choice | undefined => {
    const given = options.assigned?.[name];
    if (!settings && given === undefined) return undefined;
    const experiment = settings?.experiments?.find((one) => one.name === name);
    return choose(experiment, options.unit ?? core.state.visitor, given);
  };

  const vital = (name: string, value: number, attribution?: object): void =>
    void views.emit('vital', { name, value: Math.round(value * 10) / 10, attribution });

  views.hooks.add((final) => {
    if (!final || healthy * HEALTH >= 1) return;
    const { stream: _stream, level: _level, ownMs, ...props } = core.stats();
    views.emit('custom', { name: 'lintel.health', props: { ...props, ownMs: Math.round(ownMs) } });
  });

  return {
    rate(type) {
      const share = settings?.sampling?.[type];
      if (share === undefined || !rankOf(type)) return 1;
      // drawn once, so that a stream has all of its clicks or none
      if (!rates.has(type)) rates.set(type, random() < share ? share : 0);
      return rates.get(type)!;
    },
    async experiment(name, wait) {
      await Promise.race([Promise.all([known, core.state.identified]), wait]);
      let choice = choices.get(name);
      // undecided in time stays undecided: nobody sees a variant change under his eyes
      if (!choice) choices.set(name, (choice = look(name) ?? { variant: 'control', enrolled: false }));
      if (choice.enrolled && !exposed.has(name)) {
        exposed.add(name);
        const { variant, experiment } = choice;
        views.emit('exposure', {
          experiment: name.slice(0, 256),
          variant: variant.slice(0, 256),
          version: experiment?.version,
          unit: (options.unit ?? 'visitor').slice(0, 128),
        });
      }
      return choice.variant;
    },
    variant: (name) => (choices.get(name) ?? look(name))?.variant,
    ready(name, tickMs) {
      const began = views.view().startedMs || (navigationEntry()?.activationStart ?? 0);
      vital('ready', tickMs - began, name === undefined ? undefined : { name });
    },
    priced(chosenMs) {
      // a hidden tab paints nothing, so there is no delay to feel
      if (document.hidden) return;
      const painted = guard(() => vital('option_to_price', clock.tick() - chosenMs));
      requestAnimationFrame(() => void clock.after(0, painted));
    },
    renew() {
      rates = new Map();
      choices = new Map();
      exposed = new Set();
    },
  };
};
