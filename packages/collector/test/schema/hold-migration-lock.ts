/** Takes the migration lock and keeps it until it is killed; the password comes on stdin. */
import { text } from 'node:stream/consumers';
import { createClickHouse } from '../../src/schema/index.js';
import { withMigrationLock } from '../../src/schema/migration-lock.js';

const [url, user] = process.argv.slice(2);
const clickhouse = createClickHouse({
  url: url!,
  user: user!,
  password: await text(process.stdin),
  database: 'lintel',
});
await withMigrationLock({ clickhouse, database: 'lintel', waitMs: 5000 }, async () => {
  process.stdout.write('held\n');
  await new Promise((resolve) => setTimeout(resolve, 600_000));
});
