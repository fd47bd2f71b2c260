/** The sixteen questions over HTTP, as Grafana and people ask them: the admin port with a token. */
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LANDING_EXPERIMENT } from '../../examples/configurator/traffic/index.js';
import {
  analyticsRoutes,
  createAdminServer,
  jobRoutes,
  openTokens,
} from '../../packages/collector/src/admin/index.js';
import { systemClock } from '../../packages/collector/src/clock.js';
import { draft, start, type Experiment } from '../../packages/collector/src/experiments/experiment.js';
import { createLog } from '../../packages/collector/src/log.js';
import { createMetrics } from '../../packages/collector/src/monitor/index.js';
import { createViewReader } from '../../packages/collector/src/schema/index.js';
import { createSites } from '../../packages/collector/src/sites.js';
import type { Shop } from './shop.js';

const DAY_MS = 86_400_000;

/** The experiment that the traffic was made with, as it would stand after its weeks. */
const experiment = (site: number): Experiment => {
  const { name, arms, traffic, days } = LANDING_EXPERIMENT;
  return start(
    draft({
      definition: {
        name,
        hypothesis: 'a larger picture leads more people to the configurator',
        arms,
        traffic,
        metric: 'option_select',
        guardrails: ['inquiry'],
        effect: 0.05,
        horizonDays: 7,
        looks: 5,
        engine: 'group-sequential',
        maxLoss: 0.01,
      },
      site,
      version: 1,
      plan: {
        perArm: 5000,
        days: 35,
        baseRate: 0.4,
        visitorsPerDay: 600,
        verdict: 'ok',
        advice: '',
        proxy: null,
      },
      now: Date.now() - days * DAY_MS,
    }),
    Date.now() - days * DAY_MS,
    true,
  );
};

export interface Asked {
  ms: number;
  bytes: number;
}

export interface Asker {
  /** @throws {Error} on any answer but 200 */
  ask(path: string): Promise<Asked>;
  close(): void;
}

// one for all of them: each would listen to the same stream
const log = createLog('warn', { stderr: true });

export const createAsker = async (shop: Shop): Promise<Asker> => {
  const folder = mkdtempSync(join(tmpdir(), 'lintel-bench-tokens-'));
  const tokens = openTokens(join(folder, 'tokens.json'), systemClock);
  const { secret } = tokens.create({ role: 'viewer' });
  const views = createViewReader({ clickhouse: () => shop.as('reader'), database: 'lintel' });
  const running = experiment(shop.site.id);
  const sources = {
    sites: createSites([shop.site]),
    clock: systemClock,
    readView: views.rows,
    readBytes: views.bytes,
  };
  const server = createAdminServer({
    routes: [
      ...analyticsRoutes({
        ...sources,
        readLedger: () => Promise.resolve([]),
        readExperiment: () => running,
      }),
      ...jobRoutes({ ...sources, listRuns: () => Promise.resolve([]) }),
    ],
    tokens,
    health: {
      ready: () => Promise.resolve(true),
      status: () => Promise.resolve({}),
      refresh: () => Promise.resolve(),
    },
    metrics: createMetrics(),
    log,
    version: 'benchmark',
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true });
  return {
    ask: (path) =>
      new Promise((resolve, reject) => {
        const started = performance.now();
        get(
          { port, host: '127.0.0.1', path, agent, headers: { authorization: `Bearer ${secret}` } },
          (response) => {
            let bytes = 0;
            let text = '';
            response.on('data', (chunk: Buffer) => {
              bytes += chunk.length;
              if (response.statusCode !== 200) text += chunk.toString();
            });
            response.on('end', () => {
              if (response.statusCode === 200) resolve({ ms: performance.now() - started, bytes });
              else reject(new Error(`${path}: ${response.statusCode} ${text.slice(0, 400)}`));
            });
            response.on('error', reject);
          },
        ).on('error', reject);
      }),
    close: () => {
      agent.destroy();
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true });
    },
  };
};
