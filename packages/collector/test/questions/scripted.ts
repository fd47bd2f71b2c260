import { Value } from '@sinclair/typebox/value';
import { expect } from 'chai';
import {
  QUESTIONS,
  type Estimate,
  type Question,
  type Scope,
  type Sources,
  type ViewParameter,
  type Warning,
} from '../../src/questions/index.js';
import { RANGE } from './shop.js';
import { scopeOf } from './support.js';

type Bound = Readonly<Record<string, ViewParameter>>;
/** Rows of each view, or how they follow from its parameters. */
export type Script = Record<string, unknown[] | ((parameters: Bound) => unknown[])>;

/** Every estimate of an answer: six fields, nothing but nulls when insufficient, and the estimate inside its bounds. */
export const checkEstimates = (answer: unknown, path = ''): void => {
  if (answer === null || typeof answer !== 'object') return;
  if ('quality' in answer && 'method' in answer) {
    const { value, lo, hi, n, method, quality } = answer as Estimate;
    expect(n, path).to.be.a('number');
    expect(method, path).to.be.a('string').that.is.not.equal('');
    if (quality === 'insufficient') expect([value, lo, hi], path).to.eql([null, null, null]);
    else {
      expect(lo!, path).to.be.at.most(value! + 1e-9 * Math.abs(value!));
      expect(hi!, path).to.be.at.least(value! - 1e-9 * Math.abs(value!));
    }
  }
  for (const [key, inner] of Object.entries(answer)) checkEstimates(inner, `${path}/${key}`);
};

/** Asks a question whose views answer from a script; views without one are empty. The answer keeps its schema. */
export const askScripted = async <D>(
  name: string,
  script: Script,
  {
    parameters = {},
    scope = {},
    sources = {},
  }: { parameters?: Record<string, unknown>; scope?: Partial<Scope>; sources?: Partial<Sources> } = {},
): Promise<{ data: D; warnings: Warning[]; asked: { view: string; parameters: Bound }[] }> => {
  const question = QUESTIONS.find((one) => one.name === name) as Question;
  const asked: { view: string; parameters: Bound }[] = [];
  const { data, warnings = [] } = await question.ask(
    scopeOf(scope),
    Value.Default(question.parameters, { ...parameters }) as never,
    {
      readView: <Row>(view: string, bound: Bound): Promise<Row[]> => {
        asked.push({ view, parameters: bound });
        const rows = script[view] ?? [];
        return Promise.resolve((typeof rows === 'function' ? rows(bound) : rows) as Row[]);
      },
      readLedger: () => Promise.resolve([]),
      readExperiment: () => expect.fail('no experiment is expected'),
      clock: { now: () => RANGE.to },
      ...sources,
    },
  );
  const wrong = Value.Errors(question.data, data).First();
  expect(wrong, `${name} ${wrong?.path}: ${wrong?.message}`).to.equal(undefined);
  // what JSON cannot say must not be in an answer
  expect(JSON.parse(JSON.stringify(data))).to.eql(data);
  checkEstimates(data, name);
  return { data: data as D, warnings, asked };
};
