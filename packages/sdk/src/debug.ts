import { checkEvent } from '@lintel/protocol';
import type { Draft } from './types.js';

/** Says on the console what the collector would refuse, with the schemas it checks with. Too heavy for a visitor. */
export const warn = (draft: Draft): void => {
  const verdict = checkEvent(JSON.parse(JSON.stringify({ seq: 0, ...draft })));
  if (verdict.kind === 'invalid')
    console.warn('[lintel] would be refused:', draft.type, verdict.field, verdict.message);
};
