import type { Static, TObject, TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { Question, Scope, Sources } from '../questions/index.js';
import type { ClickHouse } from '../schema/index.js';
import type { Site, Sites } from '../sites.js';
import type { Log } from '../log.js';

/** What job bodies work with. */
export interface JobSources extends Sources {
  sites: Sites;
  /** As writer. */
  clickhouse: () => ClickHouse;
  log: Log;
}

const everybody = ['*'];

/** Everybody on the site between two instants, epoch ms, half-open. */
export const scopeBetween = (site: Site, from: number, to: number): Scope => ({
  site,
  from,
  to,
  timeZone: site.timeZone,
  device: everybody,
  channel: everybody,
  country: everybody,
  model: everybody,
  segment: '*',
});

/** Asks a question as its route does, defaults filled in, so that a job keeps what the API would have answered. */
export const askQuestion = async <P extends TObject, D extends TSchema>(
  question: Question<P, D>,
  scope: Scope,
  parameters: Partial<Static<P>>,
  sources: Sources,
): Promise<Static<D>> =>
  (await question.ask(scope, Value.Default(question.parameters, { ...parameters }) as Static<P>, sources))
    .data;
