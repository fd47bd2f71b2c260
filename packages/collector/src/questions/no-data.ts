import { DateTime } from 'luxon';
import type { Scope, Warning } from './question.js';

const FILTERS = ['device', 'channel', 'country', 'model'] as const;

/**
 * Why an answer is empty: nothing of what it is made of was stored in the range.
 * @param what was looked for, as in "no … from"
 */
export const noData = (scope: Scope, what: string): Warning => {
  const at = (epochMs: number): string =>
    DateTime.fromMillis(epochMs, { zone: scope.timeZone }).toFormat('yyyy-MM-dd HH:mm');
  const filters = [
    ...FILTERS.flatMap((name) => (scope[name].includes('*') ? [] : [`${name} ${scope[name].join(', ')}`])),
    ...(scope.segment === '*' ? [] : [`segment ${scope.segment}`]),
  ];
  const among = filters.length === 0 ? '' : ` with ${filters.join(', ')}`;
  return { code: 'NO_DATA', text: `no ${what} from ${at(scope.from)} to ${at(scope.to)}${among}` };
};
