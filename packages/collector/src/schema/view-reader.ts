import type { ReadBytes } from '../admin/export.js';
import type { ReadView, ViewParameter } from '../questions/index.js';
import { BadParameter } from '../errors.js';
import type { ClickHouse } from './clickhouse.js';
import { viewDefinitions, type ViewDefinition } from './definitions.js';
import { createKeptRows } from './kept-rows.js';

/** Every question passes these; a view takes those it reads. Any other name that a view does not read is a mistake. */
const SCOPE = ['site', 'from', 'to', 'tz', 'device', 'channel', 'country', 'model', 'segment'];

/** Columns that JSON shows in UTC with a Z, whatever zone the view cut them in; files keep the type. */
const TIMES = ['time', 'minute'];

/**
 * Reads views by name. Names and types of the parameters come from the view's own file.
 * @throws {BadParameter} a parameter is missing (ClickHouse 456 otherwise) or unknown (ignored silently otherwise)
 */
export const createViewReader = ({
  clickhouse,
  database,
}: {
  /** As reader. */
  clickhouse: () => ClickHouse;
  database: string;
}): { rows: ReadView; bytes: ReadBytes } => {
  const views = new Map(viewDefinitions().map((view) => [view.name, view]));
  const keptRows = createKeptRows();

  const bind = (
    name: string,
    given: Readonly<Record<string, ViewParameter>>,
  ): { view: ViewDefinition; call: string; parameters: Record<string, ViewParameter> } => {
    const view = views.get(name);
    if (!view) throw new BadParameter('view', `there is no view ${name}`);
    const parameters: Record<string, ViewParameter> = {};
    for (const parameter of view.parameters.keys()) {
      const value = given[parameter];
      if (value === undefined) throw new BadParameter(parameter, `the view ${name} needs ${parameter}`);
      parameters[parameter] = value;
    }
    for (const parameter of Object.keys(given)) {
      if (!view.parameters.has(parameter) && !SCOPE.includes(parameter)) {
        throw new BadParameter(parameter, `the view ${name} has no parameter ${parameter}`);
      }
    }
    const list = [...view.parameters].map(([parameter, type]) => `${parameter}={${parameter}:${type}}`);
    return { view, call: `${database}.${name}${list.length > 0 ? `(${list.join(', ')})` : ''}`, parameters };
  };

  return {
    // asynchronous from its first line on: what is thrown while the database starts must reject, or a question that asked
    // for something else beside it leaves that rejection to nobody, which ends the process
    rows: async <Row>(
      name: string,
      given: Readonly<Record<string, ViewParameter>>,
      columns?: readonly string[],
      keepMs = 0,
    ): Promise<Row[]> => {
      const { view, call, parameters } = bind(name, given);
      const isTime = (column: string): boolean =>
        TIMES.includes(column) && new RegExp(`\\bAS ${column}\\b`).test(view.select);
      const text = (column: string): string => `formatDateTime(${column}, '%FT%TZ', 'UTC') AS ${column}`;
      const times = TIMES.filter(isTime).map(text);
      const all = times.length > 0 ? `* REPLACE (${times.join(', ')})` : '*';
      const list = columns?.map((column) => (isTime(column) ? text(column) : column)).join(', ') ?? all;
      const read = (): Promise<Row[]> =>
        clickhouse().rows<Row>(`SELECT ${list} FROM ${call}`, { parameters });
      return keepMs > 0 ? keptRows(JSON.stringify([name, parameters, list]), keepMs, read) : read();
    },
    bytes: (name, given, format) => {
      const { call, parameters } = bind(name, given);
      return clickhouse().bytes(`SELECT * FROM ${call} FORMAT ${format}`, { parameters });
    },
  };
};
