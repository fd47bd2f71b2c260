/** Hours of a quiet day: RATE batches a second for SECONDS (default: as long as one waits). Nothing grows, nothing fails. */
import http from 'k6/http';
import { isAcknowledged } from './answers.js';
import { BASE_URL, RATE, SECONDS, batch, below, params, users } from './batch.js';
import { TREND_STATS } from './summary.js';
export { handleSummary } from './summary.js';

export const options = {
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
    http_req_duration: ['p(99)<150'],
  },
};

/** Batches of every size that browsers send, half of them compressed. */
export default () => {
  const events = 1 + below(20);
  const more = below(2) === 0 ? { compression: 'gzip' } : {};
  const body = JSON.stringify(batch(events));
  isAcknowledged(http.post(`${BASE_URL}/v1/events`, body, params('events', {}, more)), events);
};
