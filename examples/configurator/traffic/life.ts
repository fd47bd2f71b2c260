import type { Consent } from '@lintel/protocol/types';
import type { Catalogue } from '../src/catalogue.js';
import { startConfiguration, totalCents, type Configuration } from '../src/configuration.js';
import { browse } from './browsing.js';
import { configure, reportConfig, reportPrice, type Shown } from './configuring.js';
import { expose, LEAVES } from './experiment.js';
import { drawPerson, drawReturnChannel, type Person } from './people.js';
import type { Random } from './random.js';
import type { Visit } from './recorder.js';
import { DAY_MS } from './season.js';
import { fault, ownVital } from './signals.js';
import { drawOption } from './taste.js';

/** An inquiry that was sent, as the sales team would know it. */
export interface Lead {
  at: number;
  person: Person;
  /** Answer of `POST /v1/inquiries`; known to the event stream only with consent `all`. */
  inquiryId: string | null;
  configuration: Configuration;
  priceCents: number;
}
export interface Life {
  visits: Visit[];
  lead: Lead | null;
}

interface Memory {
  configuration: Configuration | null;
  saved: boolean;
  answered: Consent | null;
  lead: Lead | null;
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

interface Scene extends Shown {
  random: Random;
  person: Person;
  day: number;
  /** End of the generated time, epoch ms. */
  to: number;
  memory: Memory;
}

/** The form: many begin, about half send. */
const inquire = (
  { browsing, catalogue, memory, person, random }: Scene,
  configuration: Configuration,
): void => {
  browsing.click('summary:inquire');
  browsing.open('/anfrage');
  browsing.look(5000);
  const recorder = browsing.recorder();
  recorder.emit('form', { form: 'inquiry', step: 'start', ms: 0, last: 'name' });
  const fields = (['name', 'email', 'phone', 'postcode', 'message'] as const).map(
    (name): [string, number, number, number] => [
      name,
      Math.round(random.around(5200, 0.6)),
      1,
      name === 'email' && random.chance(0.12) ? 1 : 0,
    ],
  );
  const sends = random.chance(logistic(0.15 + 0.35 * person.interest));
  const touched = sends ? fields : fields.slice(0, random.integer(1, 4));
  const ms = touched.reduce((sum, [, spent]) => sum + spent, 0);
  recorder.wait(ms);
  if (!sends) {
    recorder.emit('form', {
      form: 'inquiry',
      step: 'abandon',
      ms,
      last: touched.at(-1)![0],
      fields: touched,
    });
    return;
  }
  browsing.click('inquiry:send');
  recorder.emit('form', { form: 'inquiry', step: 'submit', ms, last: 'message', fields: touched });
  recorder.wait(random.around(260, 0.4));
  const id = random.uuid();
  const priceCents = totalCents(catalogue, configuration);
  const inquiryId = browsing.level === 'all' ? id : null;
  recorder.emit('inquiry', {
    ...(inquiryId === null ? {} : { id: inquiryId }),
    model: configuration.model,
    priceCents,
    currency: catalogue.currency,
  });
  memory.lead = { at: recorder.at, person, inquiryId, configuration, priceCents };
  browsing.open('/danke');
  browsing.look(9000);
};

/** From the summary on. */
const conclude = (scene: Scene, first: Configuration): void => {
  const { browsing, memory, person, random } = scene;
  let configuration = first;
  if (random.chance(logistic(-1.7 + 0.6 * person.interest))) {
    browsing.click('configurator:save');
    reportConfig(scene, configuration, 'save', random.uuid());
    memory.saved = true;
  }
  if (random.chance(0.05)) {
    browsing.click('configurator:share');
    reportConfig(scene, configuration, 'share');
  }
  if (!random.chance(logistic(-0.1 + 0.7 * person.interest))) return;
  for (let looks = 0; ; looks++) {
    browsing.click('configurator:summary');
    browsing.open('/zusammenfassung');
    reportPrice(scene, configuration);
    browsing.look(16_000);
    if (looks > 0 || !random.chance(0.22)) break;
    browsing.click('summary:change');
    browsing.open('/konfigurator');
    reportConfig(scene, configuration, 'start');
    const again = configure(scene, configuration);
    memory.configuration = configuration = again.configuration;
    if (!again.finished) return;
  }
  const wish = -2.05 + 0.75 * person.interest + (memory.saved ? 0.7 : 0);
  if (memory.lead === null && random.chance(logistic(wish))) inquire(scene, configuration);
};

/** One visit, from the first view to the last. */
const visit = (scene: Scene, path: string, returning: boolean): Visit[] => {
  const { browsing, catalogue, day, memory, person, random, to } = scene;
  const bounces = logistic((returning ? -1.6 : -0.62) - 0.75 * person.interest);
  browsing.look(3500);
  if (random.chance(0.008)) fault(browsing.recorder(), random);
  if (random.chance(bounces)) {
    if (random.chance(0.3)) browsing.answer();
    if (random.chance(0.4))
      browsing.scrollTo(
        random.pick([
          [3, 25],
          [2, 50],
          [1, 75],
        ]),
      );
    return browsing.leave();
  }
  browsing.answer();
  let start = memory.configuration;
  if (path === '/') {
    browsing.scrollTo(
      random.pick([
        [2, 25],
        [3, 50],
        [3, 75],
        [2, 100],
      ]),
    );
    const arm = expose(browsing.recorder(), {
      visitor: person.visitor,
      known: browsing.level !== 'none',
      at: browsing.recorder().at,
      to,
    });
    if (random.chance(LEAVES[arm]!)) return browsing.leave();
    const model = random.chance(0.6)
      ? drawOption(random, 'model', '', person.taste, day)
      : catalogue.models[0]!.id;
    start ??= startConfiguration(catalogue, model);
    browsing.click(random.chance(0.6) ? `model:${model}` : 'hero:start');
    browsing.open('/konfigurator');
  }
  start ??= startConfiguration(catalogue);
  reportConfig(scene, start, returning && memory.saved ? 'load' : 'start');
  ownVital(browsing.recorder(), 'ready', random.around(620 * person.device.slowness, 0.4));
  reportPrice(scene, start);
  browsing.look(5000);
  const { configuration, finished } = configure(scene, start);
  memory.configuration = configuration;
  if (finished) conclude(scene, configuration);
  return browsing.leave();
};

/**
 * Everything one person does on the site: a first visit at `at`, some more over the next days and weeks, perhaps an
 * inquiry.
 * @param day number of the day since the start
 */
export const live = ({
  at,
  day,
  random,
  siteKey,
  to,
  priceListAt,
}: {
  at: number;
  day: number;
  random: Random;
  siteKey: string;
  /** End of the generated time, epoch ms. */
  to: number;
  priceListAt: (at: number) => Catalogue;
}): Life => {
  const person = drawPerson(random);
  const memory: Memory = { configuration: null, saved: false, answered: null, lead: null };
  const visits: Visit[] = [];
  let now = at;
  for (let n = 0; n < 6; n++) {
    const returning = n > 0;
    const channel = returning ? drawReturnChannel(random) : person.channel;
    const deep = memory.configuration ? random.chance(0.6) : random.chance(channel.deep);
    const path = deep ? '/konfigurator' : '/';
    const today = day + Math.floor((now - at) / DAY_MS);
    const browsing = browse({
      random,
      person,
      channel,
      siteKey,
      at: now,
      path,
      day: today,
      remembered: memory.answered,
    });
    const catalogue = priceListAt(now);
    visits.push(...visit({ random, person, browsing, catalogue, day: today, to, memory }, path, returning));
    if (browsing.level !== 'none') memory.answered = browsing.level;
    const back =
      -1.75 + 0.55 * person.interest + (memory.saved ? 1.1 : 0) + (memory.configuration ? 0.5 : -0.8);
    if (!random.chance(logistic(memory.lead ? -1.2 : back))) break;
    now += Math.round(Math.max(0.05, random.around(3.2, 0.9)) * DAY_MS);
  }
  return { visits, lead: memory.lead };
};
