/**
 * Everything the public port answers, good and bad, at once: RATE requests a second. Each request expects its own answer;
 * the bad ones never slow the good ones down and never become a 5xx.
 */
import crypto from 'k6/crypto';
import http from 'k6/http';
import { check } from 'k6';
import { count } from './answers.js';
import { BASE_URL, KEY, RATE, SECONDS, batch, params, users, uuid } from './batch.js';
import { TREND_STATS } from './summary.js';
export { handleSummary } from './summary.js';

const SERVER_KEY = /^(sk_[A-Za-z0-9]+)_(.+)$/.exec(__ENV.SERVER_KEY || '');

export const options = {
  summaryTrendStats: TREND_STATS,
  scenarios: {
    everybody: {
      executor: 'constant-arrival-rate',
      rate: RATE,
      timeUnit: '1s',
      duration: `${SECONDS}s`,
      preAllocatedVUs: users(RATE),
    },
  },
  thresholds: {
    checks: ['rate==1'],
    answers_500: ['count==0'],
    'http_req_duration{route:events}': ['p(95)<50', 'p(99)<150'],
  },
};

const EVENTS = `${BASE_URL}/v1/events`;
const post = (body, headers, more, url = EVENTS, route = 'events') =>
  http.post(url, typeof body === 'string' ? body : JSON.stringify(body), params(route, headers, more));
const verdicts = ({ body }) => {
  const { accepted, duplicate, rejected } = JSON.parse(body);
  return `${accepted}/${duplicate}/${rejected.map(({ reason }) => reason).join()}`;
};

const signed = (body) => {
  const timestamp = String(Date.now());
  const nonce = uuid().replaceAll('-', '');
  const signature = crypto.hmac('sha256', SERVER_KEY[2], `${timestamp}.${nonce}.${body}`, 'hex');
  return {
    'Lintel-Key': SERVER_KEY[1],
    'Lintel-Timestamp': timestamp,
    'Lintel-Nonce': nonce,
    'Lintel-Signature': `v1=${signature}`,
  };
};

/** Weight, name, request, status, and what else must be true of the answer. */
const KINDS = [
  [40, 'good batch', () => post(batch(10)), 202, (r) => verdicts(r) === '10/0/'],
  [
    10,
    'beacon',
    () => post(batch(3), { 'Content-Type': 'text/plain;charset=UTF-8' }),
    202,
    (r) => verdicts(r) === '3/0/',
  ],
  [10, 'gzip', () => post(batch(20), {}, { compression: 'gzip' }), 202, (r) => verdicts(r) === '20/0/'],
  [
    6,
    'without consent',
    () => post(batch(5, { consent: 'none', visitor: null, session: null })),
    202,
    (r) => verdicts(r) === '5/0/',
  ],
  [
    5,
    'repeat',
    () => {
      const body = batch(4);
      post(body);
      return post(body);
    },
    202,
    (r) => verdicts(r) === '0/4/',
  ],
  [
    5,
    'one bad event',
    () => {
      const body = batch(3);
      body.events[1].seq = -1;
      return post(body);
    },
    202,
    (r) => verdicts(r) === '2/0/seq',
  ],
  [
    3,
    'unknown type',
    () => {
      const body = batch(2);
      body.events[0].type = 'telepathy';
      return post(body);
    },
    202,
    (r) => verdicts(r) === '1/0/type',
  ],
  [3, 'not JSON', () => post('{"key":'), 400],
  [2, 'too deep', () => post(`${'['.repeat(50)}${']'.repeat(50)}`), 400],
  [2, 'unknown key', () => post(batch(1, { key: 'pk_nobody' })), 403],
  [2, 'strange origin', () => post(batch(1), { Origin: 'https://elsewhere.example' }), 403],
  [1, 'too large', () => post('x'.repeat(300 * 1024)), 413],
  [2, 'wrong charset', () => post(batch(1), { 'Content-Type': 'application/json; charset=utf-7' }), 415],
  [2, 'no such method', () => http.put(EVENTS, '{}', params('method')), 405],
  [3, 'settings', () => http.get(`${BASE_URL}/v1/settings?key=${KEY}`, params('settings')), 200],
  [3, 'catalogue', () => http.get(`${BASE_URL}/v1/catalogue?key=${KEY}`, params('catalogue')), 200],
  [3, 'SDK', () => http.get(`${BASE_URL}/sdk/lintel.js`, params('sdk')), 200],
  [
    1,
    'inquiry',
    () =>
      post(
        {
          key: KEY,
          contact: { name: 'Ada Probe', email: 'ada@example.com' },
          model: 'nest-80',
          elapsedMs: 30_000,
        },
        {},
        {},
        `${BASE_URL}/v1/inquiries`,
        'inquiries',
      ),
    201,
  ],
  ...(SERVER_KEY
    ? [
        [
          2,
          'signed order',
          () => {
            const order = {
              seq: 0,
              at: Date.now(),
              type: 'order',
              id: `A-${uuid()}`,
              priceCents: 19_200_000,
              currency: 'EUR',
            };
            const body = JSON.stringify(
              batch(0, { visitor: null, session: null, page: undefined, events: [order] }),
            );
            return post(body, signed(body), {}, `${BASE_URL}/v1/server/events`, 'server');
          },
          202,
          (r) => verdicts(r) === '1/0/',
        ],
      ]
    : []),
].map(([weight, name, request, status, holds = () => true]) => ({ weight, name, request, status, holds }));

const TOTAL = KINDS.reduce((sum, { weight }) => sum + weight, 0);

const choose = () => {
  let left = Math.random() * TOTAL;
  return KINDS.find(({ weight }) => (left -= weight) < 0) ?? KINDS[0];
};

export default () => {
  const { name, request, status, holds } = choose();
  check(count(request()), {
    [`${name}: ${status}`]: (response) => response.status === status && holds(response),
  });
};
