import { expect } from 'chai';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { assign, bucket } from '@lintel/protocol/bucket';
import { launch, until } from '../support/browser.js';
import { startDouble, type Double } from '../support/collector.js';
import { startSite, type Site } from '../support/site.js';

const arms = (...weights: number[]): { name: string; weight: number }[] =>
  weights.map((weight, place) => ({ name: `arm-${place}`, weight }));
/** Published vectors: salt, unit, its bucket of those who take part, its bucket among the arms. */
const VECTORS: [salt: string, unit: string, within: number, arm: number][] = [
  ['größe', 'ü', 5376, 6000],
  ['hero-2026', '00000000-0000-4000-8000-000000000001', 9847, 4403],
];
const UNITS = ['ü', '00000000-0000-4000-8000-000000000001', 'Kunde 4711, Größe XL 🏡'];
const EXPERIMENTS = 2000;

describe('assignment', () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let double: Double;
  let site: Site;

  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());
  beforeEach(async () => {
    double = await startDouble();
    site = await startSite({ collector: double.url });
    context = await browser.newContext();
    page = await context.newPage();
  });
  afterEach(async () => {
    await context.close();
    await site.stop();
    await double.stop();
  });

  /** What the script tag says for each experiment. */
  const variants = async (
    unit: string,
    experiments: readonly { salt: string; traffic: number; arms: object[] }[],
  ): Promise<(string | null)[]> => {
    double.settings = {
      experiments: experiments.map((one, place) => ({ name: `e${place}`, version: 1, ...one })),
      sampling: {},
      off: [],
      pause: 0,
      level: null,
    };
    site.options.attributes = `data-unit="${unit}"`;
    await page.goto(site.url);
    await until(() => double.ofType('vital').length > 0, 'the chunks');
    await page.evaluate(`lintel.experiment('e0', 5000)`);
    return page.evaluate((count) => {
      const { lintel } = window as never as { lintel: { variant(name: string): string | undefined } };
      return Array.from({ length: count }, (_, place) => lintel.variant(`e${place}`) ?? null);
    }, experiments.length);
  };

  for (const [salt, unit, within, arm] of VECTORS)
    it(`puts ${unit} of ${salt} where every other implementation puts it`, async () => {
      expect([bucket(`${salt}:in:${unit}`), bucket(`${salt}:arm:${unit}`)]).to.eql([within, arm]);
      expect(
        await variants(unit, [
          { salt, traffic: within, arms: arms(arm, 10_000 - arm) },
          { salt, traffic: within + 1, arms: arms(arm, 10_000 - arm) },
          { salt, traffic: within + 1, arms: arms(arm + 1, 9999 - arm) },
        ]),
      ).to.eql(['control', 'arm-1', 'arm-0']);
    });

  for (const unit of UNITS)
    it(`gives ${unit} the arm of the site's server in each of ${EXPERIMENTS} experiments`, async () => {
      const experiments = Array.from({ length: EXPERIMENTS }, (_, place) => ({
        salt: `salz-${place}-ß`,
        traffic: (place * 37) % 10_001,
        arms: place % 2 ? arms(5000, 5000) : arms(2500, 2500, 5000),
      }));
      const told = await variants(unit, experiments);
      const wanted = experiments.map((one) => assign(one.salt, unit, one.traffic, one.arms) ?? 'control');
      expect(told).to.eql(wanted);
      // it is a test: all arms and the unenrolled occur
      expect(new Set(wanted)).to.eql(new Set(['control', 'arm-0', 'arm-1', 'arm-2']));
    });
});
