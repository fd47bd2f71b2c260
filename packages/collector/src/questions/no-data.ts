import { DateTime } from 'luxon';
import { filtersOf } from './filters.js';
import type { Scope, Warning } from './question.js';

/**
 * Why an answer is empty: nothing of what it is made of was stored in the range.
 * @param what was looked for, as in "no … from"
 */
export const noData = (scope: Scope, what: string): Warning => {
  const at = (epochMs: number): string =>
    DateTime.fromMillis(epochMs, { zone: scope.timeZone }).toFormat('yyyy-MM-dd HH:mm');
  const filters = filtersOf(scope).map(({ name, values }) => `${name} ${values.join(', ')}`);
  const among = filters.length === 0 ? '' : ` with ${filters.join(', ')}`;
  return { code: 'NO_DATA', text: `no ${what} from ${at(scope.from)} to ${at(scope.to)}${among}` };
};
