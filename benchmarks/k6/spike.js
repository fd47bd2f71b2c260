/**
 * A campaign goes out: RATE batches a second, five times as many for a third of the time, RATE again. Whatever is put off
 * is told when to come again, and every inquiry gets through.
 */
import http from 'k6/http';
import { check } from 'k6';
import { count, isAcknowledgedOrPutOff } from './answers.js';
import { BASE_URL, KEY, RATE, SECONDS, batch, params, users } from './batch.js';
import { TREND_STATS } from './summary.js';
export { handleSummary } from './summary.js';

const third = Math.max(1, Math.round(SECONDS / 3));

export const options = {
  summaryTrendStats: TREND_STATS,
  scenarios: {
    visitors: {
      executor: 'ramping-arrival-rate',
      startRate: RATE,
      timeUnit: '1s',
      preAllocatedVUs: users(5 * RATE),
      stages: [
        { target: RATE, duration: `${third}s` },
        { target: 5 * RATE, duration: '2s' },
        { target: 5 * RATE, duration: `${third}s` },
        { target: RATE, duration: '2s' },
        { target: RATE, duration: `${third}s` },
      ],
    },
    inquirers: {
      executor: 'constant-arrival-rate',
      exec: 'inquire',
      rate: 1,
      timeUnit: '1s',
      duration: `${3 * third + 4}s`,
      preAllocatedVUs: 20,
    },
  },
  thresholds: {
    checks: ['rate==1'],
    'checks{route:inquiries}': ['rate==1'],
  },
};

export default () => {
  isAcknowledgedOrPutOff(http.post(`${BASE_URL}/v1/events`, JSON.stringify(batch(10)), params('events')));
};

export const inquire = () => {
  const body = {
    key: KEY,
    contact: { name: 'Ada Probe', email: 'ada@example.com', message: 'A house, please.' },
    model: 'nest-80',
    elapsedMs: 30_000,
  };
  const response = http.post(`${BASE_URL}/v1/inquiries`, JSON.stringify(body), params('inquiries'));
  check(count(response), { 'inquiry is taken': ({ status }) => status === 201 }, { route: 'inquiries' });
};
