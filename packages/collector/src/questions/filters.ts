import type { ReadView, Scope, Warning } from './question.js';

const EVERYTHING = '*';
const LISTS = ['device', 'channel', 'country', 'model'] as const;

/** The filters that leave somebody out, and whom they let in. */
export const filtersOf = (scope: Scope): { name: string; values: readonly string[] }[] =>
  [
    ...LISTS.map((name) => ({ name, values: scope[name] })),
    { name: 'segment', values: [scope.segment] },
  ].filter(({ values }) => !values.includes(EVERYTHING));

/** Who filters and is answered without it must know. @param why the answer is about everybody */
export const filtersIgnored = (scope: Scope, why: string): Warning[] => {
  const names = filtersOf(scope).map(({ name }) => name);
  return names.length === 0 ? [] : [{ code: 'FILTERS_IGNORED', text: `${why}: ${names.join(', ')} ignored` }];
};

/** Segments are found anew each week, so an unknown one is no mistake, but whoever names it must know. */
export const segmentUnknown = async (readView: ReadView, scope: Scope): Promise<Warning[]> => {
  if (scope.segment === EVERYTHING) return [];
  const known = await readView<{ name: string }>('segments', { site: scope.site.id });
  if (known.some(({ name }) => name === scope.segment)) return [];
  const names = known.map(({ name }) => name).join('; ');
  return [
    {
      code: 'UNKNOWN_SEGMENT',
      text: `nobody belongs to the segment ${scope.segment}; there ${names === '' ? 'is none yet' : `are: ${names}`}`,
    },
  ];
};
