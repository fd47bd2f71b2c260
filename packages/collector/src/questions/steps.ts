import { EVENT_TYPES } from '@lintel/protocol';
import { Type, type StringOptions, type TString } from '@sinclair/typebox';

/** Types that the roll-up `journey` keeps: what a way is made of. */
export const JOURNEY_TYPES = [
  'page_view',
  'option_select',
  'config',
  'price_view',
  'form',
  'inquiry',
  'order',
  'custom',
] as const;

/** Whether a type or type:name is a step of a way. */
export const isStep = (text: string): boolean =>
  (JOURNEY_TYPES as readonly string[]).includes(text.split(':', 1)[0]!);

/** An outcome comes after an exposure, so it is none itself. */
const OUTCOME_TYPES = EVENT_TYPES.filter((type) => type !== 'exposure');

const typed = (types: readonly string[], { description = '', ...options }: StringOptions): TString =>
  Type.String({
    minLength: 1,
    maxLength: 256,
    // anything else would be answered with 0, as if nobody had done it
    pattern: `^(${types.join('|')})(:.*)?$`,
    description: `${description && `${description}: `}type or type:name; types are ${types.join(', ')}`,
    ...options,
  });

/** A step of a way. */
export const Step = (options: StringOptions = {}): TString => typed(JOURNEY_TYPES, options);

/** What an experiment may be decided on: any event that a page or a server tells of. */
export const Outcome = (options: StringOptions = {}): TString => typed(OUTCOME_TYPES, options);
