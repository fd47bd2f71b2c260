import type { Clock } from '../clock.js';
import { CollectorError } from '../errors.js';
import { openJsonFile } from '../json-file.js';
import * as lifecycle from './experiment.js';
import type { Definition, Experiment } from './experiment.js';
import type { Plan } from './plan.js';

export interface Experiments {
  list(site: number): Experiment[];
  /** Newest version of the name. @throws {CollectorError} `NOT_FOUND` */
  get(site: number, name: string): Experiment;
  /**
   * A further version when the name is known; a draft, of which no page ever heard, is replaced.
   * @throws {CollectorError} `CONFLICT` while it runs
   */
  define(site: number, definition: Definition, plan: Plan): Experiment;
  start(site: number, name: string, override: boolean): Experiment;
  stop(site: number, name: string, reason: string): Experiment;
  decide(site: number, name: string, arm: string, reason: string): Experiment;
  /** Says why the split is not the planned one, so that the read-out is shown again. */
  explainSplit(site: number, name: string, reason: string): Experiment;
}

/** Experiments in one file: pages get their settings while every database is away. What ran is never deleted. */
export const openExperiments = (file: string, clock: Clock): Experiments => {
  const kept = openJsonFile<Experiment[]>(file, [], clock);
  const find = (all: readonly Experiment[], site: number, name: string): Experiment | undefined =>
    all.filter((one) => one.site === site && one.name === name).at(-1);
  const get = (site: number, name: string): Experiment => {
    const found = find(kept.read(true), site, name);
    if (!found) throw new CollectorError('NOT_FOUND', `no experiment ${name}`);
    return found;
  };
  const change = (site: number, name: string, to: (experiment: Experiment) => Experiment): Experiment => {
    const before = get(site, name);
    const after = to(before);
    kept.write(kept.read().map((one) => (one === before ? after : one)));
    return after;
  };

  return {
    list: (site) => kept.read(true).filter((one) => one.site === site),
    get,
    define: (site, definition, plan) => {
      lifecycle.checkDefinition(definition);
      const before = find(kept.read(true), site, definition.name);
      if (before?.status === 'running')
        throw new CollectorError('CONFLICT', `${definition.name} is running: stop it first`);
      const replaced = before?.status === 'draft' ? before : undefined;
      const version = replaced?.version ?? (before?.version ?? 0) + 1;
      const made = lifecycle.draft({ definition, site, version, plan, now: clock.now() });
      kept.write([...kept.read().filter((one) => one !== replaced), made]);
      return made;
    },
    start: (site, name, override) => change(site, name, (one) => lifecycle.start(one, clock.now(), override)),
    stop: (site, name, reason) => change(site, name, (one) => lifecycle.stop(one, clock.now(), reason)),
    decide: (site, name, arm, reason) => change(site, name, (one) => lifecycle.decide(one, arm, reason)),
    explainSplit: (site, name, reason) => change(site, name, (one) => lifecycle.explainSplit(one, reason)),
  };
};
