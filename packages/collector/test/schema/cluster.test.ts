import { expect } from 'chai';
import { silentLog } from '../../src/log.js';
import { createClusterRenderer } from '../../src/schema/cluster.js';
import type { ClickHouse } from '../../src/schema/index.js';
import { migrate } from '../../src/schema/migrate.js';
import { SITES, useDatabase } from './support.js';

describe('schema of a cluster (texts only)', function () {
  this.timeout(180_000);
  const db = useDatabase();
  const { render } = createClusterRenderer({ cluster: 'main', database: 'lintel' });

  it('makes a replicated table and a distributed twin of the same name', () => {
    const [local, twin] = render(
      'CREATE TABLE IF NOT EXISTS t (visitor UInt64, version UInt64) ENGINE = ReplacingMergeTree(version) ORDER BY visitor SETTINGS non_replicated_deduplication_window = 10000',
    );
    expect(local).to.equal(
      "CREATE TABLE IF NOT EXISTS lintel.t_local ON CLUSTER main\n(visitor UInt64, version UInt64) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/lintel/t', '{replica}', version) ORDER BY visitor SETTINGS replicated_deduplication_window = 10000",
    );
    expect(twin).to.equal(
      'CREATE TABLE IF NOT EXISTS lintel.t ON CLUSTER main AS lintel.t_local ENGINE = Distributed(main, lintel, t_local, visitor)',
    );
    expect(render('CREATE TABLE IF NOT EXISTS u AS t')[0]).to.include("/lintel/u', '{replica}', version)");
  });

  it('changes columns of both, and the rest of the local table only', () => {
    expect(render('ALTER TABLE t ADD COLUMN a UInt8')).to.deep.equal([
      'ALTER TABLE t_local ON CLUSTER main ADD COLUMN a UInt8',
      'ALTER TABLE t ON CLUSTER main ADD COLUMN a UInt8',
    ]);
    expect(render('ALTER TABLE t MODIFY TTL at + INTERVAL 1 DAY')).to.have.length(1);
  });

  it('turns every statement of the schema into text that ClickHouse parses, none without the cluster', async () => {
    const real = db.as('migrator');
    const texts: string[] = [];
    const recording: ClickHouse = {
      ...real,
      command: (sql, options) => {
        if (/sleepEachRow|KILL QUERY/.test(sql)) return real.command(sql, options);
        texts.push(sql);
        return Promise.resolve();
      },
      rows: async <Row>(sql: string, options = {}): Promise<Row[]> =>
        /FROM (migrations|site_settings|system\.tables)/.test(sql) ? [] : real.rows<Row>(sql, options),
      insert: () => Promise.resolve(),
    };
    await migrate({
      clickhouse: recording,
      database: 'lintel',
      userPrefix: 'lintel',
      sites: SITES,
      log: silentLog,
      cluster: 'main',
    });
    const schema = texts.filter((sql) => /^(CREATE|ALTER)/.test(sql)).slice(1);
    expect(schema.length).to.be.greaterThan(100);
    for (const sql of schema) {
      expect(sql).to.match(/ ON CLUSTER main/);
      expect(sql).not.to.match(/ENGINE = (Replacing)?MergeTree/);
      const [row] = await real.rows<{ text: string }>('SELECT formatQuery({sql:String}) AS text', {
        parameters: { sql },
      });
      expect(row!.text).to.include('ON CLUSTER');
    }
  });
});
