import { mkdtempSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRowWriter, openBuffer } from '../../packages/collector/src/buffer/index.js';
import { createPublicServer } from '../../packages/collector/src/ingest/index.js';
import { silentLog } from '../../packages/collector/src/log.js';
import { createMetrics } from '../../packages/collector/src/monitor/index.js';
import { createSites } from '../../packages/collector/src/sites.js';

/** The collector's ingest as it ships, alone in a process: `lintel-server.ts <redis url>`; prints its port. */
const clock = { now: () => Date.now() };
const metrics = createMetrics();
const dataDir = mkdtempSync(join(tmpdir(), 'lintel-bench-'));
const { buffer } = await openBuffer({
  redisUrl: process.argv[2] ?? null,
  dataDir,
  log: silentLog,
  metrics,
  clock,
});
const open = { perSecond: 1e9, burst: 1e9 };
const { listen, server } = createPublicServer({
  sites: createSites([
    {
      id: 1,
      name: 'bench',
      key: 'pk_bench',
      origins: ['https://nest.example'],
      timeZone: 'Europe/Vienna',
      currency: 'EUR',
      retentionMonths: 14,
      consent: 'none',
      consentText: '1',
      serverKeys: [],
      historyDays: 30,
    },
  ]),
  writer: createRowWriter({ buffer, clock, metrics, log: silentLog }),
  clock,
  log: silentLog,
  metrics,
  trustProxy: 0,
  dataDir,
  sdkDir: dataDir,
  masterKey: Buffer.alloc(32, 'bench'),
  // all requests come from one address here
  rates: { key: open, address: open },
});
await listen(0, '127.0.0.1');
process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
