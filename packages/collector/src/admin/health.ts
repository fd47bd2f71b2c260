import { Router } from 'express';
import type { Metrics } from '../monitor/index.js';

export interface Health {
  /** An event can be made durable, whatever ClickHouse does. */
  ready(): Promise<boolean>;
  /** Every dependency with its state, for people. */
  status(): Promise<Record<string, unknown>>;
  /** Brings the gauges up to date before they are read. */
  refresh(): Promise<void>;
}

/** `/livez /readyz /statusz /metrics`: without token, because the port is never public. */
export const healthRouter = (health: Health, metrics: Metrics): Router => {
  const router = Router();
  router.get('/livez', (_request, response) => {
    response.json({ live: true });
  });
  router.get('/readyz', async (_request, response) => {
    const ready = await health.ready();
    response.status(ready ? 200 : 503).json({ ready });
  });
  router.get('/statusz', async (_request, response) => {
    response.json(await health.status());
  });
  router.get('/metrics', async (_request, response) => {
    await health.refresh();
    response.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  return router;
};
