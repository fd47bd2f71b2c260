import { viewDefinitions } from '../../collector/src/schema/definitions.js';
import { sourceFiles } from './sources.js';

/** TypeScript type of a parameter, from its ClickHouse type. */
const typeOf = (clickhouse: string): string => {
  if (clickhouse.startsWith('Array(')) return 'readonly string[] | Expression';
  if (/^(U?Int|Float)\d+/.test(clickhouse)) return 'number | Expression';
  // a number would be read as a time in the server's zone: only the macros of the time range
  if (clickhouse.startsWith('DateTime')) return 'Expression';
  return 'string | Expression';
};

/** Names in `view('…'`: a view of the collector that nobody here reads is no business of this package. */
const used = (): Set<string> =>
  new Set(
    sourceFiles().flatMap(({ text }) => [...text.matchAll(/\bview\(\s*'(\w+)'/g)].map(([, name]) => name!)),
  );

/**
 * `src/queries/views.generated.ts`: names and types of what the used views of the collector ask for.
 * @throws {Error} naming a view that does not exist
 */
export const viewsFile = (): string => {
  const wanted = used();
  const definitions = viewDefinitions().filter(({ name }) => wanted.delete(name));
  if (wanted.size > 0) throw new Error(`the collector has no view ${[...wanted].join(', ')}`);
  const views = definitions.map(({ name, parameters }) => ({
    name,
    parameters: [...parameters].sort(),
  }));
  const types = views.map(({ name, parameters }) =>
    parameters.length === 0
      ? `  ${name}: Record<string, never>;`
      : `  ${name}: {${parameters.map(([parameter, type]) => ` ${parameter}: ${typeOf(type)};`).join('')} };`,
  );
  const names = views.map(
    ({ name, parameters }) => `  ${name}: [${parameters.map(([parameter]) => `'${parameter}'`).join(', ')}],`,
  );
  return [
    '// Generated from the views of packages/collector/src/schema by `npm run generate`. Do not edit.',
    "import type { Expression } from './view';",
    '',
    'export interface ViewParameters {',
    ...types,
    '}',
    '',
    'export type ViewName = keyof ViewParameters;',
    '',
    'export const VIEW_PARAMETERS: Readonly<Record<ViewName, readonly string[]>> = {',
    ...names,
    '};',
    '',
  ].join('\n');
};
