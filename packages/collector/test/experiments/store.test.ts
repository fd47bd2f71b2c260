import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assign } from '@lintel/protocol';
import { expect } from 'chai';
import { CollectorError } from '../../src/errors.js';
import { openExperimentSettings } from '../../src/experiment-settings.js';
import {
  openExperiments,
  type Definition,
  type Experiments,
  type Plan,
} from '../../src/experiments/index.js';

const definition: Definition = {
  name: 'hero-2026',
  hypothesis: 'a larger picture is looked at longer',
  arms: [
    { name: 'control', weight: 5000 },
    { name: 'large', weight: 5000 },
  ],
  traffic: 10_000,
  metric: 'config:save',
  guardrails: ['inquiry'],
  effect: 0.15,
  horizonDays: 14,
  looks: 5,
  engine: 'group-sequential',
  maxLoss: 0.015,
};
const plan: Plan = {
  perArm: 5000,
  days: 100,
  baseRate: 0.12,
  visitorsPerDay: 100,
  verdict: 'ok',
  advice: '',
  proxy: null,
};
const DAY = 86_400_000;

const conflict = (call: () => unknown, message: RegExp): void => {
  expect(call).to.throw(CollectorError, message);
};

describe('experiments', () => {
  let folder: string;
  let now = Date.parse('2026-11-02T10:00:00Z');
  let experiments: Experiments;
  let settingsOf: ReturnType<typeof openExperimentSettings>;
  const open = (): Experiments => openExperiments(join(folder, 'experiments.json'), { now: () => now });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lintel-experiments-'));
    experiments = open();
    settingsOf = openExperimentSettings(join(folder, 'experiments.json'), { now: () => now });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('reach the pages only while they run, and survive a restart', () => {
    experiments.define(1, definition, plan);
    expect(settingsOf(1).experiments).to.eql([]);
    const running = experiments.start(1, 'hero-2026', false);
    // the last of the planned visitors have their 14 days, too
    expect(running.endsAt).to.equal(now + 114 * DAY);
    now += 2000;
    expect(settingsOf(1).experiments).to.eql([
      { name: 'hero-2026', version: 1, salt: running.salt, traffic: 10_000, arms: definition.arms },
    ]);
    expect(settingsOf(2).experiments).to.eql([]);
    experiments.stop(1, 'hero-2026', 'the planned end');
    now += 2000;
    expect(settingsOf(1).experiments).to.eql([]);
    expect(experiments.decide(1, 'hero-2026', 'large', 'more saved')).to.include({
      status: 'decided',
      decision: 'large',
      reason: 'more saved',
    });
  });

  it('move only forwards', () => {
    experiments.define(1, definition, plan);
    conflict(() => experiments.stop(1, 'hero-2026', 'too early'), /is draft/);
    // a draft is only paper: another takes its place
    expect(experiments.define(1, definition, plan).version).to.equal(1);
    expect(experiments.list(1).length).to.equal(1);
    experiments.start(1, 'hero-2026', false);
    conflict(() => experiments.start(1, 'hero-2026', false), /is running/);
    conflict(() => experiments.define(1, definition, plan), /is running: stop it first/);
    conflict(() => experiments.decide(1, 'hero-2026', 'large', 'a feeling'), /is running/);
    experiments.stop(1, 'hero-2026', 'a bug');
    expect(() => experiments.decide(1, 'hero-2026', 'huge', 'best')).to.throw(/control, large/);
    conflict(() => experiments.get(1, 'nowhere'), /no experiment nowhere/);
  });

  it('do not start against their plan without an override', () => {
    const long: Plan = { ...plan, days: 2670, verdict: 'too_long', advice: 'on order this needs 2,670 days' };
    experiments.define(1, definition, long);
    conflict(() => experiments.start(1, 'hero-2026', false), /2,670 days/);
    expect(experiments.start(1, 'hero-2026', true).status).to.equal('running');
  });

  it('end after half a year when nobody knows how long they take', () => {
    experiments.define(1, definition, { ...plan, perArm: null, days: null, verdict: 'no_baseline' });
    expect(experiments.start(1, 'hero-2026', true).endsAt).to.equal(now + (180 + 14) * DAY);
  });

  it('keep why a split is not the planned one', () => {
    experiments.define(1, definition, plan);
    conflict(() => experiments.explainSplit(1, 'hero-2026', 'a robot'), /is draft/);
    experiments.start(1, 'hero-2026', false);
    expect(experiments.explainSplit(1, 'hero-2026', 'a robot').splitReason).to.equal('a robot');
    expect(open().get(1, 'hero-2026').splitReason).to.equal('a robot');
  });

  it('begin anew as another version, with another salt, and nothing is forgotten', () => {
    experiments.define(1, definition, plan);
    const first = experiments.start(1, 'hero-2026', false);
    experiments.stop(1, 'hero-2026', 'a bug in the large arm');
    const second = experiments.define(1, { ...definition, traffic: 2000 }, plan);
    expect([second.version, second.salt === first.salt]).to.eql([2, false]);
    expect(experiments.list(1).map((one) => [one.version, one.status])).to.eql([
      [1, 'stopped'],
      [2, 'draft'],
    ]);
    const units = Array.from({ length: 2000 }, (_, i) => `unit-${i}`);
    const arm = (salt: string, unit: string): string | null => assign(salt, unit, 10_000, definition.arms);
    const moved = units.filter((unit) => arm(first.salt, unit) !== arm(second.salt, unit)).length;
    expect(moved / units.length).to.be.within(0.4, 0.6);
  });

  it('name what is wrong with a definition', () => {
    const bad = (over: Partial<Definition>) => () => experiments.define(1, { ...definition, ...over }, plan);
    expect(
      bad({
        arms: [
          { name: 'control', weight: 5000 },
          { name: 'large', weight: 4000 },
        ],
      }),
    ).to.throw(/sum to 10000, not 9000/);
    expect(
      bad({
        arms: [
          { name: 'a', weight: 5000 },
          { name: 'a', weight: 5000 },
        ],
      }),
    ).to.throw(/different names/);
    expect(bad({ guardrails: ['config:save'] })).to.throw(/cannot guard itself/);
  });
});
