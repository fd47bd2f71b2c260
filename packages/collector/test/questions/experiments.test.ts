import { expect } from 'chai';
import type { Experiment } from '../../src/experiments/index.js';
import type { Estimate, Scope } from '../../src/questions/index.js';
import { groupSequentialBounds } from '../../src/statistics/index.js';
import { RANGE } from './shop.js';
import { askScripted } from './scripted.js';

const DAY = 86_400_000;
const START = RANGE.to - 20 * DAY;

/** 43 days of visitors and 7 for their outcomes: looks after 16, 25, 33, 42 and 50 days. */
const anExperiment = (over: Partial<Experiment> = {}): Experiment => ({
  name: 'blue',
  hypothesis: 'blue sells',
  arms: [
    { name: 'control', weight: 5000 },
    { name: 'blue', weight: 5000 },
  ],
  traffic: 10_000,
  metric: 'config:save',
  guardrails: [],
  effect: 0.1,
  horizonDays: 7,
  looks: 5,
  engine: 'group-sequential',
  maxLoss: 0.01,
  site: 1,
  version: 3,
  salt: 's',
  status: 'running',
  plan: {
    perArm: 4300,
    days: 43,
    baseRate: 0.1,
    visitorsPerDay: 200,
    verdict: 'ok',
    advice: '',
    proxy: null,
  },
  created: START,
  started: START,
  endsAt: START + 50 * DAY,
  ended: null,
  decision: null,
  reason: '',
  ...over,
});

interface Answer {
  engine: { name: string; statistic: string; cuped: boolean; varianceReduction: number };
  arms: { arm: string; n: number; rate: Estimate }[];
  exposed: { arm: string; n: number }[];
  mixed: number;
  immature: number;
  srm: { p: number; verdict: string; reason: string | null };
  effect: Estimate;
  challengers: { arm: string; effect: Estimate; decided: string | null; pBeat: number | null }[];
  looks: { at: string; arm: string; z: number; bound: number | null }[];
  nextLookAt: string | null;
  lossIfChosen: Record<string, number>;
  guardrails: { metric: string; arm: string; control: Estimate; worse: boolean }[];
  verdict: string;
  reason: string;
}

interface Flow {
  /** Visitors per arm and day. */
  n?: number;
  /** Outcomes of a day, per arm. */
  k: Record<string, number>;
  days?: number;
  horizonDays?: number;
  waiting?: number;
  mixed?: number;
  past?: boolean;
}

/** So many visitors become mature on every day after the horizon; of each arm the given number had the outcome. */
const flow = ({ n = 100, k, days = 20, horizonDays = 7, waiting = 0, mixed = 0, past = false }: Flow) =>
  Object.entries(k).flatMap(([arm, hits]) => [
    {
      metric: 'config:save',
      arm,
      day: 0,
      n: waiting,
      mixed,
      k: 0,
      with_past: 0,
      x_sum: 0,
      x_squares: 0,
      xk: 0,
    },
    ...Array.from({ length: Math.max(0, days - horizonDays) }, (_, i) => ({
      metric: 'config:save',
      arm,
      day: horizonDays + 1 + i,
      n,
      mixed: 0,
      k: hits,
      // half of those with the outcome and none of the others chose two options before
      with_past: past ? hits / 2 : 0,
      x_sum: past ? hits : 0,
      x_squares: past ? 2 * hits : 0,
      xk: past ? hits : 0,
    })),
  ]);

const ask = (
  o: Flow | ((metric: string) => Flow),
  over: Partial<Experiment> = {},
  parameters = {},
  scope: Partial<Scope> = {},
) =>
  askScripted<Answer>(
    'experiments',
    {
      experiment_days: ({ metrics }) =>
        (metrics as string[]).flatMap((metric) =>
          flow(typeof o === 'function' ? o(metric) : o).map((row) => ({ ...row, metric })),
        ),
    },
    {
      parameters: { experiment: 'blue', ...parameters },
      scope,
      sources: { readExperiment: () => anExperiment(over) },
    },
  );
/** The whole plan is over. */
const LATE = { started: RANGE.to - 51 * DAY, endsAt: RANGE.to - DAY };

describe('experiments', function () {
  this.timeout(60_000);

  it('reads out at planned looks only, by the visitors that were mature there', async () => {
    const { data, asked } = await ask({ k: { control: 10, blue: 11 }, waiting: 700, mixed: 3 });
    expect(asked.map(({ view, parameters }) => [view, parameters['version'], parameters['to']])).to.eql([
      ['experiment_days', 3, RANGE.to],
    ]);
    // 20 of 50 days: one look, on day 16, with the visitors of 9 days
    expect(data.looks.map(({ at }) => at)).to.eql([new Date(START + 16 * DAY).toISOString()]);
    expect(data.arms.map(({ n }) => n)).to.eql([900, 900]);
    expect(data).to.include({
      verdict: 'running',
      reason: '1 of 5 planned looks are over: keep it running',
      mixed: 6,
      immature: 1400,
      nextLookAt: new Date(START + 25 * DAY).toISOString(),
    });
    expect(data.exposed.map(({ n }) => n)).to.eql([2000, 2000]);
    expect(data.lossIfChosen).to.eql({});
  });

  it('answers the same on every day between two looks, whatever happens', async () => {
    const at = async (day: number, blue: number) => {
      const { data } = await askScripted<Answer>(
        'experiments',
        {
          experiment_days: flow({ k: { control: 10, blue: 10 }, days: 16 }).concat(
            flow({ k: { control: 10, blue }, days: day, horizonDays: 16 }).filter((row) => row.day > 16),
          ),
        },
        {
          parameters: { experiment: 'blue' },
          sources: { readExperiment: () => anExperiment(), clock: { now: () => START + day * DAY } },
        },
      );
      const { exposed: _, srm: _srm, ...outcome } = data;
      return outcome;
    };
    // the view's rows differ, the answer does not: nobody learns that blue sells three times as much
    expect(await at(24, 30)).to.eql(await at(17, 30));
    expect(await at(24, 30)).to.eql(await at(24, 10));
    expect((await at(25, 30)).arms).to.not.eql((await at(25, 10)).arms);
  });

  it('shows no arm before the first look', async () => {
    const { data } = await ask(
      { k: { control: 1, blue: 60 }, days: 12 },
      { started: RANGE.to - 12 * DAY, endsAt: RANGE.to + 38 * DAY },
    );
    expect(data.arms).to.eql([]);
    expect([data.looks, data.challengers, data.lossIfChosen]).to.eql([[], [], {}]);
    expect(data.effect.quality).to.equal('insufficient');
    expect(data.verdict).to.equal('running');
  });

  it('spends α by the visitors that came: bounds of O’Brien and Fleming for equal fifths', async () => {
    const { data } = await ask({ k: { control: 10, blue: 10 }, days: 50 }, LATE);
    const { z } = groupSequentialBounds({
      fractions: [900, 1800, 2600, 3500, 4300].map((n) => n / 4300),
      spending: 'obrien-fleming',
    });
    data.looks.forEach(({ bound }, i) => expect(bound).to.be.closeTo(z[i]!, 1e-6));
    const half = await ask({ n: 50, k: { control: 5, blue: 5 }, days: 50 }, LATE);
    // half the traffic: less may be spent until the last look takes the rest
    expect(half.data.looks[0]!.bound).to.be.above(6);
    expect(half.data.looks[4]!.bound).to.be.within(1.95, 2.04);
  });

  it('stops beyond the bound, with the loss of choosing each arm', async () => {
    const { data } = await ask({ k: { control: 10, blue: 20 } });
    expect(data.verdict).to.equal('stop');
    expect(data.reason).to.contain('blue was better than control');
    expect(data.effect.value).to.be.closeTo(1, 1e-12);
    expect(data.effect.lo).to.be.above(0);
    expect(data.lossIfChosen['control']).to.be.closeTo(0.1, 0.005);
    expect(data.lossIfChosen['blue']).to.be.below(1e-4);
  });

  it('ends without a difference after the last look, or when it was stopped too early', async () => {
    const { data } = await ask({ k: { control: 10, blue: 10 }, days: 50 }, LATE);
    expect([data.looks.length, data.verdict, data.nextLookAt]).to.eql([5, 'no_difference', null]);
    const early = await ask(
      { k: { control: 10, blue: 10 }, days: 12 },
      { status: 'stopped', ended: START + 12 * DAY },
    );
    expect(early.data).to.deep.include({ verdict: 'no_difference', arms: [] });
    expect(early.data.reason).to.contain('too early to say');
  });

  it('warns at an uneven split, shows nothing at a wrong one, and again once it is explained', async () => {
    const uneven = await ask({ n: 100, k: { control: 10, blue: 20 }, waiting: 0, mixed: 0 });
    expect(uneven.data.srm.verdict).to.equal('ok');
    const split = (blue: number, over = {}) =>
      askScripted<Answer>(
        'experiments',
        {
          experiment_days: [
            ...flow({ n: 100, k: { control: 10 } }),
            ...flow({ n: 100, k: { blue: 20 } }),
            { ...flow({ k: { blue: 0 } })[0]!, n: blue },
          ],
        },
        { parameters: { experiment: 'blue' }, sources: { readExperiment: () => anExperiment(over) } },
      );
    // 1300 against 1440: p = .0075; against 1500: p < .001
    const warned = await split(140);
    expect(warned.data.srm).to.include({ verdict: 'warn' });
    expect(warned.warnings.map(({ code }) => code)).to.include('SPLIT');
    expect(warned.data.looks.length).to.equal(1);
    const { data } = await split(200);
    expect(data).to.deep.include({
      verdict: 'blocked',
      arms: [],
      looks: [],
      challengers: [],
      guardrails: [],
      lossIfChosen: {},
      nextLookAt: null,
    });
    expect(data.effect.value).to.equal(null);
    const explained = await split(200, { splitReason: 'a crawler was sent to blue' });
    expect(explained.data.verdict).to.equal('stop');
    expect(explained.data.srm).to.include({ verdict: 'block', reason: 'a crawler was sent to blue' });
    expect(explained.warnings.map(({ text }) => text).join()).to.contain('a crawler was sent to blue');
  });

  it('says when a guardrail got worse: fewer inquiries, or more errors; better is no alarm', async () => {
    const { data, warnings } = await ask(
      (metric) =>
        metric === 'inquiry'
          ? { k: { control: 8, blue: 3 } }
          : metric === 'error'
            ? { k: { control: 2, blue: 9 } }
            : metric === 'option_select'
              ? { k: { control: 30, blue: 50 } }
              : { k: { control: 10, blue: 11 } },
      { guardrails: ['inquiry', 'error', 'option_select'] },
    );
    expect(data.guardrails.map(({ metric, arm, worse }) => [metric, arm, worse])).to.eql([
      ['inquiry', 'blue', true],
      ['error', 'blue', true],
      ['option_select', 'blue', false],
    ]);
    expect(warnings.filter(({ code }) => code === 'GUARDRAIL').length).to.equal(2);
    // those without consent are a new person every day: none of them is counted
    for (const { method } of [data.arms[0]!.rate, data.guardrails[0]!.control, data.effect])
      expect(method).to.match(/, consented visitors$/);
  });

  it('shares α among challengers by Holm’s rule', async () => {
    const three = {
      arms: [
        { name: 'control', weight: 3334 },
        { name: 'blue', weight: 3333 },
        { name: 'red', weight: 3333 },
      ],
    };
    const last = { ...LATE, ...three, looks: 1, plan: { ...anExperiment().plan, perArm: 4300 } };
    // alone z = 2.10 against 1.96; of two it must pass 2.24
    const alone = await ask({ k: { control: 10, blue: 11.4 }, days: 50 }, { ...LATE, looks: 1 });
    expect(alone.data.looks[0]!.z).to.be.within(2, 2.24);
    expect(alone.data.verdict).to.equal('stop');
    const shared = await ask({ k: { control: 10, blue: 11.4, red: 10 }, days: 50 }, last);
    expect(shared.data.looks[0]!.bound).to.be.closeTo(2.2414, 1e-3);
    expect(shared.data.challengers.map(({ decided }) => decided)).to.eql([null, null]);
    // once red has fallen, blue has the whole α
    const stepped = await ask({ k: { control: 10, blue: 11.4, red: 14 }, days: 50 }, last);
    expect(stepped.data.challengers.map(({ arm, decided }) => [arm, decided])).to.eql([
      ['blue', 'better'],
      ['red', 'better'],
    ]);
  });

  it('takes out what visitors did before, where they have a past', async () => {
    const plain = await ask({ k: { control: 20, blue: 26 } });
    const cuped = await ask({ k: { control: 20, blue: 26 }, past: true });
    expect(plain.data.engine).to.include({ cuped: false, varianceReduction: 0 });
    expect(cuped.data.engine.cuped).to.equal(true);
    expect(cuped.data.engine.varianceReduction).to.be.within(0.2, 0.6);
    // the blue ones had more of a past, too: less is left for the arm
    expect(cuped.data.looks[0]!.z).to.be.below(plain.data.looks[0]!.z);
  });

  it('watched daily, answers every day with an interval that holds on all of them', async () => {
    const watched = { engine: 'confidence-sequence' as const };
    const { data } = await ask({ k: { control: 10, blue: 11 } }, watched);
    expect(data.engine).to.include({ name: 'confidence-sequence', statistic: 'z' });
    expect(data.looks.length).to.equal(13);
    expect(data.looks.every(({ bound }) => bound! > 2.8)).to.equal(true);
    expect(data.verdict).to.equal('running');
    const clear = await ask({ k: { control: 10, blue: 20 } }, watched);
    expect(clear.data.verdict).to.equal('stop');
    expect(clear.data.effect.lo).to.be.above(0);
    // a day earlier than the first planned look of the other engine
    expect(Date.parse(/look of (\S+) /.exec(clear.data.reason)![1]!)).to.be.below(START + 16 * DAY);
  });

  it('finds a rare event by its e-process, and claims no interval', async () => {
    const rare = { engine: 'e-process' as const };
    const { data } = await ask({ n: 1000, k: { control: 1, blue: 5 } }, rare);
    expect(data.engine.statistic).to.equal('ln E');
    expect(data.looks[0]!.bound).to.be.closeTo(Math.log(20), 1e-12);
    expect(data.verdict).to.equal('stop');
    expect(data.effect.quality).to.equal('insufficient');
    const same = await ask({ n: 1000, k: { control: 3, blue: 3 } }, rare);
    expect(same.data.verdict).to.equal('running');
  });

  it('asked what a choice costs, says nothing before the planned visitors are there', async () => {
    const bayesian = { engine: 'bayesian' as const };
    const before = await ask({ k: { control: 10, blue: 20 } }, bayesian);
    expect(before.data).to.deep.include({ arms: [], looks: [], challengers: [], verdict: 'running' });
    const plan = { ...anExperiment().plan, perArm: 1300 };
    const { data } = await ask({ k: { control: 10, blue: 20 } }, { ...bayesian, plan });
    expect([data.verdict, data.looks.length]).to.eql(['stop', 1]);
    expect(data.challengers[0]!.decided).to.equal('better');
    expect(data.challengers[0]!.pBeat).to.be.above(0.999);
    // the skeptical prior believes in less than what was seen
    expect(data.effect.value).to.be.within(0.1, 0.9);
    const same = await ask(
      { k: { control: 10, blue: 10 } },
      { ...bayesian, plan: { ...plan }, maxLoss: 0.05 },
    );
    expect(same.data.verdict).to.equal('no_difference');
    expect(same.data.lossIfChosen['blue']).to.be.closeTo(same.data.lossIfChosen['control']!, 1e-9);
  });

  it('warns when another metric, horizon or part of the visitors is asked for', async () => {
    const codes = async (parameters: object, scope = {}) =>
      (await ask({ k: { control: 9, blue: 9 } }, {}, parameters, scope)).warnings.map(({ code }) => code);
    expect(await codes({ metric: 'order' })).to.include('NOT_PRIMARY');
    expect(await codes({ horizon_days: 30 })).to.include('NOT_PLANNED');
    expect(await codes({}, { device: ['mobile'] })).to.include('FILTERS_IGNORED');
    expect(await codes({})).to.eql(['LAST_LOOK']);
  });
});
