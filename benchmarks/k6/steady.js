/** Steady load, open loop: RATE batches of ten a second for SECONDS. All are taken, soon. */
import http from 'k6/http';
import { isAcknowledged } from './answers.js';
import { BASE_URL, RATE, SECONDS, batch, params, users } from './batch.js';
import { TREND_STATS } from './summary.js';
export { handleSummary } from './summary.js';

const EVENTS = 10;

export const options = {
  discardResponseBodies: false,
  summaryTrendStats: TREND_STATS,
  scenarios: {
    visitors: {
      executor: 'constant-arrival-rate',
      rate: RATE,
      timeUnit: '1s',
      duration: `${SECONDS}s`,
      preAllocatedVUs: users(RATE),
    },
  },
  thresholds: {
    checks: ['rate==1'],
    http_req_duration: ['p(95)<50', 'p(99)<150'],
    dropped_iterations: ['count==0'],
  },
};

export default () => {
  const response = http.post(`${BASE_URL}/v1/events`, JSON.stringify(batch(EVENTS)), params('events'));
  isAcknowledged(response, EVENTS);
};
