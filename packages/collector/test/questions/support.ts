import type { LedgerRow } from '../../src/flush/index.js';
import { QUESTIONS, type Question, type Scope, type Sources } from '../../src/questions/index.js';
import { Value } from '@sinclair/typebox/value';
import { expect } from 'chai';
import type { TestDatabase } from '../schema/support.js';
import { RANGE } from './shop.js';

const everybody = ['*'];

export const scopeOf = (over: Partial<Scope> = {}): Scope => ({
  site: {
    id: 1,
    name: 'NEST',
    key: 'pk_nest',
    origins: [],
    timeZone: 'Europe/Vienna',
    currency: 'EUR',
    retentionMonths: 14,
    consent: 'none',
    consentText: '',
    serverKeys: [],
    historyDays: 30,
  },
  ...RANGE,
  timeZone: 'Europe/Vienna',
  device: everybody,
  channel: everybody,
  country: everybody,
  model: everybody,
  segment: '*',
  ...over,
});

/** Asks a question as its route does: defaults filled in, views read as `lintel_reader`, the answer checked. */
export const createAsker =
  (database: TestDatabase, sources: Partial<Sources> = {}) =>
  async <D>(
    name: string,
    parameters: Record<string, unknown> = {},
    over: Partial<Scope> = {},
  ): Promise<D> => {
    const question = QUESTIONS.find((one) => one.name === name) as Question;
    const { data } = await question.ask(
      scopeOf(over),
      Value.Default(question.parameters, { ...parameters }) as never,
      {
        readView: database.views.rows,
        readLedger: () => Promise.resolve<LedgerRow[]>([]),
        readExperiment: () => expect.fail('no experiment is expected'),
        clock: { now: () => RANGE.to },
        ...sources,
      },
    );
    const wrong = Value.Errors(question.data, data).First();
    expect(wrong, `${name} ${wrong?.path}: ${wrong?.message}`).to.equal(undefined);
    return data as D;
  };
