import { join } from 'node:path';
import { keptSecret } from './secrets.js';
import type { Site } from './sites.js';

/** The site of `npm start`: the example configurator. Its server key is made at the first start. */
export const demoSite = (dataDir: string, demoPort: number): Site => ({
  id: 1,
  name: 'NEST demo',
  key: 'pk_demo',
  origins: [`http://localhost:${demoPort}`, `http://127.0.0.1:${demoPort}`],
  timeZone: 'Europe/Vienna',
  currency: 'EUR',
  retentionMonths: 14,
  consent: 'none',
  consentText: 'demo-1',
  serverKeys: [{ id: 'demo', secret: keptSecret(join(dataDir, 'demo-server-key')) }],
  // the seed writes 90 days of history over the signed route
  historyDays: 400,
});
