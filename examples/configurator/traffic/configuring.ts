import { BUNDLED_CATALOGUE, type Catalogue } from '../src/catalogue.js';
import { choose, totalCents, type Configuration } from '../src/configuration.js';
import type { Browsing } from './browsing.js';
import { frustration } from './hand.js';
import type { Person } from './people.js';
import type { Random } from './random.js';
import { fault, ownVital } from './signals.js';
import { drawOption } from './taste.js';

const GROUPS = ['model', ...BUNDLED_CATALOGUE.groups.map(({ id }) => id)];

/** What the page shows: the site as one visitor sees it at one time. */
export interface Shown {
  browsing: Browsing;
  /** Prices of that time. */
  catalogue: Catalogue;
}

export const reportPrice = ({ browsing, catalogue }: Shown, configuration: Configuration): void => {
  browsing.recorder().emit('price_view', {
    priceCents: totalCents(catalogue, configuration),
    model: configuration.model,
    currency: catalogue.currency,
    catalogue: catalogue.version,
  });
};

export const reportConfig = (
  { browsing, catalogue }: Shown,
  configuration: Configuration,
  reason: 'start' | 'change' | 'save' | 'load' | 'share',
  id?: string,
): void => {
  browsing.recorder().emit('config', {
    model: configuration.model,
    options: { ...configuration.options },
    priceCents: totalCents(catalogue, configuration),
    currency: catalogue.currency,
    catalogue: catalogue.version,
    reason,
    ...(id === undefined ? {} : { id }),
  });
};

interface Scene extends Shown {
  random: Random;
  person: Person;
  day: number;
}

/** One choice as the page reports it. @returns the configuration after it */
const makeChoice = (scene: Scene, before: Configuration, group: string): Configuration => {
  const { browsing, catalogue, day, person, random } = scene;
  const option = drawOption(random, group, before.model, person.taste, day);
  const previous = group === 'model' ? before.model : before.options[group]!;
  browsing.look(6500);
  if (option === previous) return before;
  const after = choose(catalogue, before, group, option);
  const index =
    group === 'model'
      ? catalogue.models.findIndex(({ id }) => id === option)
      : catalogue.groups.find(({ id }) => id === group)!.options.findIndex(({ id }) => id === option);
  const recorder = browsing.recorder();
  const label = group === 'photovoltaics' ? `${group}:more` : `${group}:${option}`;
  const seq = browsing.click(label, group === 'photovoltaics' ? 0 : index);
  recorder.wait(random.around(12, 0.4));
  recorder.emit('option_select', {
    group,
    option,
    previous,
    priceDeltaCents: totalCents(catalogue, after) - totalCents(catalogue, before),
    catalogue: catalogue.version,
    model: after.model,
  });
  reportConfig(scene, after, 'change');
  reportPrice(scene, after);
  const delay = random.around(38 * person.device.slowness, 0.5);
  recorder.wait(delay);
  ownVital(recorder, 'option_to_price', delay);
  if (random.chance(0.006)) fault(recorder, random, seq);
  if (person.device.slowness > 1.4 && random.chance(0.05)) {
    recorder.emit('long_frame', {
      ms: random.integer(110, 260),
      blockingMs: random.integer(40, 160),
      script: { url: '/assets/index.js', fn: 'update', kind: 'event-listener' },
    });
  }
  frustration(recorder, random, person.device);
  return after;
};

export interface Outcome {
  configuration: Configuration;
  /** Went through all groups. */
  finished: boolean;
}

/**
 * Goes through the groups from top to bottom: some are skipped, some chosen twice, and a jump of the price makes
 * leaving more likely.
 */
export const configure = (scene: Scene, from: Configuration): Outcome => {
  const { catalogue, person, random } = scene;
  let configuration = from;
  for (const [i, group] of GROUPS.entries()) {
    scene.browsing.scrollTo(Math.round((100 * (i + 1)) / GROUPS.length));
    const choices = random.chance(0.2) ? 0 : random.chance(0.27) ? 2 : 1;
    for (let n = 0; n < choices; n++) {
      const before = totalCents(catalogue, configuration);
      configuration = makeChoice(scene, configuration, group);
      const jump = totalCents(catalogue, configuration) / before - 1;
      const leaves = 0.055 - 0.02 * person.interest + 0.55 * Math.max(0, jump - 0.03);
      if (random.chance(Math.min(0.5, Math.max(0.01, leaves)))) return { configuration, finished: false };
    }
  }
  return { configuration, finished: true };
};
