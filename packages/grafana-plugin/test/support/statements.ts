import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DAY_SQL, NOW_SQL } from '../../src/queries/panels.js';

export interface Statement {
  where: string;
  sql: string;
}

interface Dashboard {
  panels: { title: string; targets: { rawSql: string }[] }[];
  templating: { list: { type: string; name: string; query: string }[] };
}

const folder = fileURLToPath(new URL('../../src/dashboards/', import.meta.url));

const ofDashboard = (file: string): Statement[] => {
  const { panels, templating } = JSON.parse(readFileSync(folder + file, 'utf8')) as Dashboard;
  return [
    ...templating.list
      .filter(({ type }) => type === 'query')
      .map(({ name, query }) => ({ where: `${file} $${name}`, sql: query })),
    ...panels.flatMap(({ title, targets }) =>
      targets.map(({ rawSql }) => ({ where: `${file} ${title}`, sql: rawSql })),
    ),
  ];
};

/** Every statement that pages and dashboards send. */
export const allStatements = (): Statement[] => [
  ...Object.entries({ ...NOW_SQL, ...DAY_SQL }).map(([name, sql]) => ({ where: `Home ${name}`, sql })),
  ...readdirSync(folder).flatMap(ofDashboard),
];

/** As Grafana's frontend fills in variables with one value. */
export const withVariables = (sql: string, values: Readonly<Record<string, string>>): string =>
  sql.replace(/\$\{(\w+):singlequote\}/g, (match, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`no value for ${match}`);
    return `'${value.replaceAll("'", "\\'")}'`;
  });
