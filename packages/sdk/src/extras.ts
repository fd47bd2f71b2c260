import { choose, type Choice } from './experiments.js';
import type { Extras, ExtrasParts } from './late.js';
import { readSettings } from './settings.js';
import type { Settings } from '@lintel/protocol/types';

/** One stream in so many tells what the SDK cost. */
const HEALTH = 100;

/** Experiments, sampling and what else `/v1/settings` decides. */
export const extras = (parts: ExtrasParts): Extras => {
  const { context, options, random } = parts;
  let settings: Settings | undefined;
  let rates = new Map<string, number>();
  let choices = new Map<string, Choice>();
  let exposed = new Set<string>();
  const healthy = random();

  const url = `${context.settings.endpoint}/settings?key=${encodeURIComponent(options.key)}`;
  const known = readSettings(parts.fetch, url, parts.cold(), (next) => {
    settings = next;
    rates = new Map();
    if (next.pause) parts.pause(next.pause * 1000);
    if (next.level) parts.ceiling(next.level);
    if (next.off) parts.off(next.off);
  });

  const look = (name: string): Choice | undefined => {
    const given = options.assigned?.[name];
    if (!settings && given === undefined) return undefined;
    const experiment = settings?.experiments?.find((one) => one.name === name);
    return choose(experiment, parts.unit(), given);
  };

  context.leaving((final) => {
    if (!final || healthy * HEALTH >= 1) return;
    const { dropped, stream: _stream, level: _level, ...props } = parts.stats();
    context.emit('custom', { name: 'lintel.health', props: { ...props, dropped } });
  });

  return {
    rate(type) {
      const share = settings?.sampling?.[type];
      if (share === undefined) return 1;
      // drawn once, so that a stream has all of its clicks or none
      if (!rates.has(type)) rates.set(type, random() < share ? share : 0);
      return rates.get(type)!;
    },
    async experiment(name, wait) {
      await Promise.race([Promise.all([known, parts.ready()]), wait]);
      let choice = choices.get(name);
      // undecided in time stays undecided: nobody sees a variant change under his eyes
      if (!choice) choices.set(name, (choice = look(name) ?? { variant: 'control', enrolled: false }));
      if (choice.enrolled && !exposed.has(name)) {
        exposed.add(name);
        const { variant, experiment } = choice;
        context.emit('exposure', {
          experiment: name,
          variant,
          version: experiment?.version,
          unit: options.unit ?? 'visitor',
        });
      }
      return choice.variant;
    },
    variant: (name) => (choices.get(name) ?? look(name))?.variant,
    renew() {
      rates = new Map();
      choices = new Map();
      exposed = new Set();
    },
  };
};
