import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openBuffer } from '../../src/buffer/index.js';
import { systemClock } from '../../src/clock.js';
import { BadSettings } from '../../src/errors.js';
import { silentLog } from '../../src/log.js';
import { createMetrics } from '../../src/monitor/index.js';
import { startRedis } from './support/redis-server.js';
import { refusal } from './support/refusal.js';

describe('Redis settings', function () {
  this.timeout(180_000);
  const dataDir = mkdtempSync(join(tmpdir(), 'lintel-data-'));
  after(() => {
    rmSync(dataDir, { recursive: true, force: true });
  });

  const open = (redisUrl: string) =>
    openBuffer({ redisUrl, dataDir, log: silentLog, metrics: createMetrics(), clock: systemClock });

  for (const [settings, word] of [
    [['--maxmemory-policy', 'allkeys-lru'], 'maxmemory-policy allkeys-lru'],
    [['--appendonly', 'no'], 'appendonly no'],
    [['--appendfsync', 'no'], 'appendfsync no'],
  ] as const) {
    it(`refuses ${word}`, async () => {
      const server = await startRedis(settings);
      try {
        const error = await refusal(open(server.url));
        expect(error).to.be.instanceOf(BadSettings);
        expect(error.message).to.contain(word);
      } finally {
        await server.stop();
      }
    });
  }

  it('takes a Redis that keeps what it is given', async () => {
    const server = await startRedis(['--appendfsync', 'always']);
    try {
      const opened = await open(server.url);
      expect(opened.state()).to.equal('redis');
      await opened.close();
    } finally {
      await server.stop();
    }
  });
});
