import { createHash } from 'node:crypto';
import { parametersOf } from './bound-parameters.js';
import { sqlFiles, withoutComments, type SqlFile } from './files.js';
import { expandMacros } from './macros.js';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A question's view: `SELECT * FROM <name>(…)`. */
export interface ViewDefinition {
  name: string;
  /** Macros expanded. */
  select: string;
  /** Name → ClickHouse type of what the view asks for. */
  parameters: ReadonlyMap<string, string>;
}

/**
 * A cache of `events` by whole UTC days: one SELECT over `events` with the columns `day` and `ts` (of the event, or of
 * the quarter of an hour it lies in) and one WHERE at the start of a line.
 */
export interface RollupDefinition {
  name: string;
  select: string;
  orderBy: string;
  /** `visitor`: as long as raw events; `months`: aggregates without a person, 25 months. */
  keep: 'visitor' | 'months';
  /** Seconds that `ts` is cut to, null when it is the event's own. */
  grain: number | null;
  /** Name in `clean_days`; a changed SELECT gets another one, so that every day is dirty at once. */
  key: string;
}

const withoutEnd = (text: string): string => withoutComments(text).replace(/;\s*$/, '');

const header = (file: SqlFile, name: string): string => {
  const found = new RegExp(`^-- ${name}: (.+)$`, 'm').exec(file.text);
  if (!found) throw new Error(`rollups/${file.name}.sql has no line "-- ${name}: …"`);
  return found[1]!.trim();
};

export const rollupDefinitions = (): RollupDefinition[] =>
  sqlFiles('rollups').map((file) => {
    const select = expandMacros(withoutEnd(file.text));
    const keep = header(file, 'keep') === 'visitor' ? 'visitor' : 'months';
    const orderBy = header(file, 'order by');
    return {
      name: file.name,
      select,
      orderBy,
      keep,
      grain: /^-- grain: /m.test(file.text) ? Number(header(file, 'grain')) : null,
      key: `${file.name}@${sha256(`${orderBy}\n${select}`).slice(0, 8)}`,
    };
  });

export const viewDefinitions = (): ViewDefinition[] =>
  sqlFiles('views').map((file) => {
    const select = expandMacros(withoutEnd(file.text));
    return { name: file.name, select, parameters: parametersOf(select) };
  });

/** Views before those that read them. */
export const inDependencyOrder = (views: readonly ViewDefinition[]): ViewDefinition[] => {
  const ordered: ViewDefinition[] = [];
  const visit = (view: ViewDefinition, path: readonly string[]): void => {
    if (ordered.includes(view)) return;
    if (path.includes(view.name))
      throw new Error(`views read each other: ${[...path, view.name].join(' → ')}`);
    for (const other of views) {
      if (other !== view && new RegExp(`\\b(FROM|JOIN)\\s+${other.name}\\b`).test(view.select)) {
        visit(other, [...path, view.name]);
      }
    }
    ordered.push(view);
  };
  for (const view of views) visit(view, []);
  return ordered;
};
