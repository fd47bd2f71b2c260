import type { RequestHandler } from 'express';
import { ipKeyGenerator, MemoryStore, type Options } from 'express-rate-limit';
import { sendProblem } from './problem.js';

const WINDOW_MS = 60_000;
const MOST_FAILURES = 10;

/**
 * After ten wrong tokens in a minute an address has to wait. Only answers 401 are counted, and when they are given: a
 * limiter that counts a request at its start and takes it back at its end would refuse the eleventh stream, or the
 * eleventh panel, of a Grafana that shares one address.
 */
export const lockOut = (): RequestHandler => {
  const failures = new MemoryStore();
  failures.init({ windowMs: WINDOW_MS } as Options);
  return async (request, response, next) => {
    const address = ipKeyGenerator(request.ip ?? '');
    const seen = await failures.get(address);
    if (seen && seen.totalHits >= MOST_FAILURES) {
      response.setHeader('Retry-After', String(WINDOW_MS / 1000));
      sendProblem(response, 429, 'RATE', 'too many requests without a valid token; wait a minute');
      return;
    }
    response.once('finish', () => {
      if (response.statusCode === 401) void failures.increment(address);
    });
    next();
  };
};
