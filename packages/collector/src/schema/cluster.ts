/**
 * Texts of the schema for a cluster (`CLICKHOUSE_CLUSTER`): each table becomes `<table>_local` with a Replicated engine
 * on every node and a Distributed twin under its own name, which the views read. Rows of a visitor lie on one shard, so
 * funnels stay local; tables without a visitor lie on the first shard.
 *
 * The texts are parsed by the engine in the tests; they have not run on a cluster yet.
 */
export interface ClusterRenderer {
  /** One statement of a single server → the statements of the cluster, in order. */
  render(statement: string): string[];
}

const CREATE_TABLE = /^CREATE (OR REPLACE )?TABLE (IF NOT EXISTS )?([\w.]+)\s*/;
const ENGINE = /ENGINE = (\w*MergeTree)(?:\(([^)]*)\))?/;

const replicated = (body: string, path: string): string =>
  body
    .replace(ENGINE, (_, engine: string, own: string | undefined) => {
      const place = [`'/clickhouse/tables/{shard}/${path}'`, "'{replica}'", ...(own ? [own] : [])];
      return `ENGINE = Replicated${engine}(${place.join(', ')})`;
    })
    .replace('non_replicated_deduplication_window', 'replicated_deduplication_window');

export const createClusterRenderer = ({
  cluster,
  database,
}: {
  cluster: string;
  database: string;
}): ClusterRenderer => {
  const on = `ON CLUSTER ${cluster}`;
  /** What follows a table's name in its statement, for `CREATE TABLE … AS`. */
  const bodies = new Map<string, string>();

  const table = (statement: string, [head, replace = '', guard = '', name]: RegExpExecArray): string[] => {
    const rest = statement.slice(head.length);
    const twin = /^AS (\w+)$/.exec(rest.trim());
    const body = twin ? bodies.get(twin[1]!) : rest;
    if (body === undefined) throw new Error(`no table ${twin![1]} before ${name}`);
    bodies.set(name!, body);
    const [own, plain] = name!.includes('.') ? (name!.split('.') as [string, string]) : [database, name!];
    // a replaced table needs a place of its own while the old one is dropped
    const path = replace === '' ? `${own}/${plain}` : `${own}/${plain}/{uuid}`;
    const key = /\bvisitor\b/.test(body) ? 'visitor' : '0';
    return [
      `CREATE ${replace}TABLE ${guard}${own}.${plain}_local ${on}\n${replicated(body, path)}`,
      `CREATE ${replace}TABLE ${guard}${own}.${plain} ${on} AS ${own}.${plain}_local ENGINE = Distributed(${cluster}, ${own}, ${plain}_local, ${key})`,
    ];
  };

  return {
    render: (statement) => {
      const created = CREATE_TABLE.exec(statement);
      if (created)
        return ENGINE.test(statement) || / AS \w+$/.test(statement) ? table(statement, created) : [statement];
      const altered = /^ALTER TABLE (\w+)\s/.exec(statement);
      if (altered) {
        const change = statement.slice(altered[0].length);
        const local = `ALTER TABLE ${altered[1]}_local ${on} ${change}`;
        // a Distributed table has columns, no indices and no TTL
        return /^(ADD|DROP|MODIFY|RENAME) COLUMN/.test(change)
          ? [local, `ALTER TABLE ${altered[1]} ${on} ${change}`]
          : [local];
      }
      return [
        statement.replace(
          /^(CREATE (?:OR REPLACE )?(?:DATABASE|VIEW|FUNCTION) (?:IF NOT EXISTS )?[\w.]+)/,
          `$1 ${on}`,
        ),
      ];
    },
  };
};
