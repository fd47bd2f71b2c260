import { start } from 'clickhouse-embedded';
import { readerGrants, writerGrants } from '../../packages/collector/src/schema/index.js';

/**
 * A ClickHouse of its own, so that a benchmark can take it away: `clickhouse.ts <folder> <http port>`.
 * Prints one JSON line: url, engine's pid, passwords.
 */
const [dir = '', httpPort = '0'] = process.argv.slice(2);
const engine = await start({
  dir,
  httpPort: Number(httpPort),
  tcpPort: 0,
  database: 'lintel',
  grants: { reader: readerGrants('lintel'), writer: writerGrants('lintel') },
});
process.stdout.write(
  `${JSON.stringify({
    url: engine.url,
    pid: engine.pid(),
    passwords: Object.fromEntries(
      Object.entries(engine.credentials).map(([role, { password }]) => [role, password]),
    ),
  })}\n`,
);
process.on('SIGTERM', () => void engine.stop().then(() => process.exit(0)));
