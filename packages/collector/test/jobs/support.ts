import { expect } from 'chai';
import type { JobSources } from '../../src/jobs/index.js';
import { versionOf, type Job } from '../../src/jobs/runner.js';
import type { Slot } from '../../src/jobs/slots.js';
import { silentLog } from '../../src/log.js';
import { createSites } from '../../src/sites.js';
import { scopeOf } from '../questions/support.js';
import type { TestDatabase } from '../schema/support.js';

/** What a job's body works with, on a real engine. */
export const sourcesOf = (
  database: Pick<TestDatabase, 'as' | 'views'>,
  more: Partial<JobSources> = {},
): JobSources => ({
  sites: createSites([scopeOf().site]),
  clickhouse: () => database.as('writer'),
  readView: database.views.rows,
  readLedger: () => Promise.resolve([]),
  readExperiment: () => expect.fail('no experiment is expected'),
  clock: { now: () => Date.now() },
  log: silentLog,
  ...more,
});

/** Runs one slot as the holder of `fence`; a holder that nobody replaced. */
export const runSlot = (
  job: Job,
  slot: Slot,
  fence = 1,
  guard = () => Promise.resolve(),
): Promise<{ rows: number }> => job.run({ ...slot, version: versionOf(slot, fence) }, guard);
