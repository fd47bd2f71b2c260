import { createHash } from 'node:crypto';
import { parametersOf } from './bound-parameters.js';
import { sqlFiles, withoutComments, type SqlFile } from './files.js';
import { expandMacros } from './macros.js';
import type { RollupDefinition } from './rollup-definition.js';
import { inlineRollups } from './rollup-sql.js';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A question's view: `SELECT * FROM <name>(…)`. */
export interface ViewDefinition {
  name: string;
  /** Macros expanded, roll-ups put in. */
  select: string;
  /** Name → ClickHouse type of what the view asks for. */
  parameters: ReadonlyMap<string, string>;
}

const withoutEnd = (text: string): string => withoutComments(text).replace(/;\s*$/, '');

const header = (file: SqlFile, name: string): string => {
  const found = new RegExp(`^-- ${name}: (.+)$`, 'm').exec(file.text);
  if (!found) throw new Error(`rollups/${file.name}.sql has no line "-- ${name}: …"`);
  return found[1]!.trim();
};

export const rollupDefinitions = (): RollupDefinition[] =>
  sqlFiles('rollups').map((file) => {
    const [grouped, single] = file.text.split(/^-- one by one:.*$/m);
    const select = expandMacros(withoutEnd(grouped!));
    const keep = header(file, 'keep') === 'visitor' ? 'visitor' : 'months';
    const orderBy = header(file, 'order by');
    return {
      name: file.name,
      select,
      orderBy,
      keep,
      single: single === undefined ? null : expandMacros(withoutEnd(single)),
      grain: /^-- grain: /m.test(file.text) ? Number(header(file, 'grain')) : null,
      key: `${file.name}@${sha256(`${orderBy}\n${select}`).slice(0, 8)}`,
    };
  });

export const viewDefinitions = (): ViewDefinition[] => {
  const rollups = rollupDefinitions();
  return sqlFiles('views').map((file) => {
    const select = inlineRollups(expandMacros(withoutEnd(file.text)), rollups);
    return { name: file.name, select, parameters: parametersOf(select) };
  });
};

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
