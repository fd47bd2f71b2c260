import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assign } from '@lintel/protocol';
import type { Settings } from '@lintel/protocol';
import { expect } from 'chai';
import type { Experiment, Plan } from '../../src/experiments/index.js';
import type { Estimate } from '../../src/questions/index.js';
import {
  startWholeCollector,
  visitorOf,
  type PageVisit,
  type RunningCollector,
} from '../questions/collector.js';

const DAY = 86_400_000;
const save = (at: number) => ({
  type: 'config',
  reason: 'save',
  at,
  model: 'nest-80',
  options: { facade: 'wood' },
  priceCents: 18_900_000,
});

interface ReadOut {
  warnings: { code: string }[];
  data: {
    arms: { arm: string; n: number; rate: Estimate }[];
    exposed: { arm: string; n: number }[];
    mixed: number;
    immature: number;
    effect: Estimate;
    looks: { at: string; z: number; bound: number }[];
    nextLookAt: string | null;
    guardrails: { metric: string; worse: boolean }[];
    srm: { verdict: string };
    verdict: string;
    lossIfChosen: Record<string, number>;
  };
}

const definition = {
  name: 'blue-button',
  hypothesis: 'a blue button is found sooner',
  arms: [
    { name: 'control', weight: 5000 },
    { name: 'blue', weight: 5000 },
  ],
  metric: 'config:save',
  guardrails: ['inquiry'],
  effect: 0.4,
  horizonDays: 1,
  looks: 2,
};

describe('an experiment from its plan to its end, over HTTP', function () {
  this.timeout(180_000);
  let collector: RunningCollector;
  let now: number;
  before(async () => {
    collector = await startWholeCollector();
    now = Date.now();
    // four weeks of the site: 560 visitors, every second saves, one in 28 asks
    await collector.visit(
      Array.from({ length: 560 }, (_, i): PageVisit => {
        const at = now - 27 * DAY + Math.floor((i * 25 * DAY) / 560);
        return {
          visitor: 10_000 + i,
          events: [
            { type: 'page_view', at },
            ...(i % 2 === 0 ? [save(at + 1000)] : []),
            ...(i % 28 === 0 ? [{ type: 'inquiry', at: at + 2000, model: 'nest-80' }] : []),
          ],
        };
      }),
    );
  });
  after(() => collector.stop());

  const post = <T>(path: string, body: object, token?: string) =>
    collector.admin<T>('POST', `/api/admin/experiments${path}`, body, token);
  const readOut = async (parameters = ''): Promise<ReadOut> => {
    const { status, body } = await collector.admin<ReadOut>(
      'GET',
      `/api/admin/analytics/experiments?experiment=blue-button${parameters}`,
    );
    expect(status, JSON.stringify(body)).to.equal(200);
    return body;
  };
  const settings = async (): Promise<Settings> =>
    (await (await fetch(`${collector.publicUrl}/v1/settings?key=pk_nest`)).json()) as Settings;

  it('says before the start that orders or few inquiries take too long, and what to choose instead', async () => {
    const order = await post<Plan>('/plan', { ...definition, metric: 'order', guardrails: [] });
    expect(order.body).to.include({ verdict: 'no_baseline', perArm: null });
    const inquiry = await post<Plan>('/plan', {
      ...definition,
      metric: 'inquiry',
      guardrails: [],
      effect: 0.2,
    });
    expect(inquiry.body.verdict).to.equal('too_long');
    expect(inquiry.body.days).to.be.above(180);
    expect(inquiry.body.advice).to.match(
      /^on inquiry this needs [\d,]+ days: choose a proxy; config:save can be/,
    );
    const { body } = await collector.admin<{ experiments: object[] }>('GET', '/api/admin/experiments');
    expect(body.experiments).to.eql([]);
  });

  it('does not start what takes longer than 180 days without an owner’s word', async () => {
    const long = { ...definition, name: 'long', metric: 'inquiry', guardrails: [], effect: 0.2 };
    expect((await post('', long)).status).to.equal(200);
    const refused = await post<{ detail: string }>('/long/start', {});
    expect(refused.status).to.equal(409);
    expect(refused.body.detail).to.contain('choose a proxy');
    const editor = await collector.tokenOf('editor');
    expect((await post('/long/start', { override: true }, editor)).status).to.equal(403);
    expect((await post('/long/start', { override: true })).status).to.equal(200);
    expect((await post('/long/stop', { reason: 'only a test' })).status).to.equal(200);
  });

  it('names what is wrong with a definition', async () => {
    const wrong = await post<{ parameter: string; detail: string }>('/plan', {
      ...definition,
      arms: [
        { name: 'control', weight: 5000 },
        { name: 'blue', weight: 4000 },
      ],
    });
    expect(wrong.status).to.equal(400);
    expect(wrong.body).to.include({ parameter: 'arms' });
    expect(wrong.body.detail).to.contain('10000');
    expect((await post('/plan', { ...definition, engine: 'guess' })).status).to.equal(400);
  });

  it('runs: plan, start, assignment, exposures, outcomes, a look, and nothing between looks', async () => {
    const defined = await post<Experiment>('', definition);
    expect(defined.body).to.include({ status: 'draft', engine: 'group-sequential' });
    expect(defined.body.plan).to.include({ verdict: 'ok', baseRate: 0.5 });
    expect(await settings().then(({ experiments }) => experiments)).to.eql([]);
    const started = await post<Experiment>('/blue-button/start', {});
    expect(started.body.status).to.equal('running');
    const days = started.body.plan.days!;
    expect(started.body.endsAt! - started.body.started!).to.equal((days + 1) * DAY);

    // pages hear of it within a second: the file is looked at once a second
    let running: Settings['experiments'][number] | undefined;
    while (!running) [running] = (await settings()).experiments;
    expect(running).to.include({ name: 'blue-button', version: 1 });
    const fresh = await readOut();
    expect(fresh.data).to.deep.include({ verdict: 'running', arms: [], looks: [] });
    expect(fresh.data.effect.quality).to.equal('insufficient');

    // as if it had been started nine days ago, with a plan of eleven: looks after six and eleven days
    const file = join(collector.dataDir, 'experiments.json');
    const all = JSON.parse(readFileSync(file, 'utf8')) as Experiment[];
    const own = all.find(({ name }) => name === 'blue-button')!;
    own.started = now - 9 * DAY;
    own.endsAt = own.started + 11 * DAY;
    own.plan.days = 10;
    writeFileSync(file, JSON.stringify(all));

    // 400 visitors in the first four days; everybody in blue saves, every second in control
    const seen = { control: 0, blue: 0 };
    const saved = { control: 0, blue: 0 };
    const visits = Array.from({ length: 400 }, (_, i): PageVisit => {
      const arm = assign(running.salt, visitorOf(i), running.traffic, running.arms) as 'control' | 'blue';
      seen[arm]++;
      const saves = arm === 'blue' || seen.control % 2 === 0;
      if (saves) saved[arm]++;
      const at = own.started! + Math.floor((i * 4 * DAY) / 400) + 1000;
      return {
        visitor: i,
        events: [
          { type: 'page_view', at },
          { type: 'exposure', experiment: 'blue-button', variant: arm, version: 1, at: at + 1000 },
          ...(saves ? [save(at + 60_000)] : []),
          // after its day: counts for nobody
          save(at + 1000 + DAY),
        ],
      };
    });
    // one who saw both arms, one whom a page of an older version counted
    const exposed = (visitor: number, variant: string, version: number): PageVisit => ({
      visitor,
      events: [{ type: 'exposure', experiment: 'blue-button', variant, version, at: own.started! + DAY }],
    });
    await collector.visit([
      ...visits,
      exposed(900, 'blue', 1),
      exposed(900, 'control', 1),
      exposed(901, 'blue', 7),
    ]);

    const first = await readOut();
    expect(first.data.arms.map(({ arm, n }) => [arm, n])).to.eql([
      ['control', seen.control],
      ['blue', seen.blue],
    ]);
    expect(first.data.looks.map(({ at }) => at)).to.eql([new Date(own.started + 6 * DAY).toISOString()]);
    expect(first.data.mixed).to.equal(1);
    expect(first.data.srm.verdict).to.equal('ok');
    const rate = (arm: 'control' | 'blue'): number => (saved[arm] + 0.5) / (seen[arm] + 1);
    expect(first.data.arms[0]!.rate.value).to.be.closeTo(rate('control'), 1e-9);
    expect(first.data.arms[1]!.rate.value).to.be.closeTo(rate('blue'), 1e-9);
    expect(first.data.verdict).to.equal('stop');
    expect(first.data.effect.value).to.be.closeTo(
      saved.blue / seen.blue / (saved.control / seen.control) - 1,
      1e-9,
    );
    expect(first.data.guardrails).to.deep.include.members([{ ...first.data.guardrails[0]!, worse: false }]);

    // a hundred more who do nothing, exposed after the look; some of them mature, some not
    await collector.visit(
      Array.from({ length: 100 }, (_, i): PageVisit => {
        const at = i < 60 ? own.started! + 6.5 * DAY : Date.now() - 3_600_000;
        const variant = i % 2 === 0 ? 'blue' : 'control';
        return {
          visitor: 1000 + i,
          events: [{ type: 'exposure', experiment: 'blue-button', variant, version: 1, at }],
        };
      }),
    );
    const second = await readOut();
    expect(second.data.arms).to.eql(first.data.arms);
    expect(second.data.looks).to.eql(first.data.looks);
    expect(second.data.effect).to.eql(first.data.effect);
    expect(second.data.immature).to.equal(40);
    expect(second.warnings.map(({ code }) => code)).to.include('IMMATURE');
    expect(second.data.exposed.map(({ n }) => n)).to.eql([seen.control + 50, seen.blue + 50]);
  });

  it('ends: stopped, decided, and gone from the pages, but not from the records', async () => {
    expect((await post('/blue-button/stop', { reason: 'the look said so' })).status).to.equal(200);
    const wrong = await post<{ parameter: string }>('/blue-button/decide', { arm: 'red', reason: 'best' });
    expect([wrong.status, wrong.body.parameter]).to.eql([400, 'arm']);
    const decided = await post<Experiment>('/blue-button/decide', { arm: 'blue', reason: 'saved more' });
    expect(decided.body).to.include({ status: 'decided', decision: 'blue' });
    const { data } = await readOut();
    expect(data.verdict).to.equal('stop');
    expect(data.lossIfChosen['control']).to.be.above(0.3);
    expect((await post('/nowhere/stop', { reason: 'no such' })).status).to.equal(404);
  });

  it('blocks a read-out whose split is wrong until somebody says why', async () => {
    const name = 'skewed';
    await post('', { ...definition, name, guardrails: [] });
    await post(`/${name}/start`, {});
    const file = join(collector.dataDir, 'experiments.json');
    const all = JSON.parse(readFileSync(file, 'utf8')) as Experiment[];
    const own = all.find((one) => one.name === name)!;
    own.started = now - 9 * DAY;
    own.endsAt = own.started + 11 * DAY;
    writeFileSync(file, JSON.stringify(all));
    await collector.visit(
      Array.from({ length: 200 }, (_, i): PageVisit => ({
        visitor: 2000 + i,
        events: [
          {
            type: 'exposure',
            experiment: name,
            variant: i % 4 === 0 ? 'blue' : 'control',
            at: own.started! + DAY,
          },
          save(own.started! + DAY + 1000),
        ],
      })),
    );
    const ask = () => collector.admin<ReadOut>('GET', `/api/admin/analytics/experiments?experiment=${name}`);
    const { body } = await ask();
    expect(body.data).to.deep.include({ verdict: 'blocked', arms: [], looks: [] });
    const reason = 'blue was shown on desktops only';
    expect((await post(`/${name}/explain-split`, { reason })).status).to.equal(200);
    const again = await ask();
    expect(again.body.data.arms.map(({ n }) => n)).to.eql([150, 50]);
    expect(JSON.stringify(again.body.warnings)).to.contain(reason);
  });
});
