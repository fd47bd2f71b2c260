import { Type } from '@sinclair/typebox';
import { EstimateSchema } from './estimate.js';
import { inferred } from './inferred.js';

const nullable = (description: string) => Type.Union([Type.Number(), Type.Null()], { description });

/** What question 12 says; nothing in it moves between two looks except counts of visitors. */
export const ExperimentAnswer = Type.Object({
  metric: Type.String(),
  engine: Type.Object({
    name: Type.String(),
    statistic: Type.String({ description: 'what `looks` holds against its bound' }),
    cuped: Type.Boolean({ description: 'behaviour before the first exposure was taken out' }),
    varianceReduction: Type.Number(),
  }),
  arms: Type.Array(Type.Object({ arm: Type.String(), n: Type.Number(), rate: EstimateSchema }), {
    description: 'as of the last look: between looks nothing moves',
  }),
  exposed: Type.Array(Type.Object({ arm: Type.String(), n: Type.Number() }), { description: 'up to now' }),
  mixed: Type.Number({ description: 'visitors seen in two arms: dropped' }),
  immature: Type.Number({ description: 'visitors whose time for an outcome still runs: not counted yet' }),
  srm: Type.Object({
    p: Type.Number(),
    verdict: Type.String(),
    reason: Type.Union([Type.String(), Type.Null()]),
  }),
  effect: EstimateSchema,
  challengers: Type.Array(
    Type.Object({
      arm: Type.String(),
      effect: EstimateSchema,
      decided: Type.Union([Type.Literal('better'), Type.Literal('worse'), Type.Null()]),
      pBeat: inferred('P(rate above the control’s); the Bayesian engine after its planned visitors'),
    }),
    { description: 'relative change of each against the control; α is shared by Holm’s rule' },
  ),
  looks: Type.Array(
    Type.Object({
      at: Type.String(),
      arm: Type.String(),
      z: Type.Number({ description: 'the statistic of the engine' }),
      bound: nullable('null: nothing could be said at this look'),
      value: nullable('relative change'),
      lo: nullable('as wide as this look has to be'),
      hi: nullable('likewise'),
    }),
    { description: 'looks that are over, for the challenger of which most is known' },
  ),
  nextLookAt: Type.Union([Type.String(), Type.Null()]),
  lossIfChosen: Type.Record(Type.String(), inferred('rate points'), { description: 'after the end only' }),
  guardrails: Type.Array(
    Type.Object({
      metric: Type.String(),
      arm: Type.String(),
      control: EstimateSchema,
      challenger: EstimateSchema,
      worse: Type.Boolean({ description: 'one-sided at 5 % over all looks' }),
    }),
  ),
  plan: Type.Object({
    perArm: Type.Union([Type.Number(), Type.Null()]),
    days: Type.Union([Type.Number(), Type.Null()]),
    endsAt: Type.Union([Type.String(), Type.Null()]),
  }),
  verdict: Type.Union(['running', 'stop', 'no_difference', 'blocked'].map((name) => Type.Literal(name))),
  reason: Type.String(),
});
