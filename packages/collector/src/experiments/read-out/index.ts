import { bayesian } from './bayesian.js';
import { confidenceSequenceEngine } from './confidence-sequence.js';
import { eProcess } from './e-process.js';
import type { Engine, EngineName } from './engine.js';
import { groupSequential } from './group-sequential.js';

export {
  ENGINES,
  type Engine,
  type EngineName,
  type EnginePlan,
  type Evidence,
  type Look,
} from './engine.js';
export { guardrailOf, type Guardrail } from './guardrail.js';
export { adjustedArms, rateOf, readingsAt, type DayRow, type Reading, type Sums } from './sums.js';

const BY_NAME: Readonly<Record<EngineName, Engine>> = {
  'group-sequential': groupSequential,
  'confidence-sequence': confidenceSequenceEngine,
  bayesian,
  'e-process': eProcess,
};

export const engineOf = (name: EngineName): Engine => BY_NAME[name];
