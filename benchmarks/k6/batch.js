/**
 * What the scripts send: batches of the contract, as visitors of a configurator would. Settings come from the
 * environment: BASE_URL, KEY, ORIGIN, SERVER_KEY (`sk_<id>_<secret>`), RATE (requests a second), SECONDS.
 */
export const BASE_URL = __ENV.BASE_URL || 'http://127.0.0.1:4100';
export const KEY = __ENV.KEY || 'pk_demo';
export const ORIGIN = __ENV.ORIGIN || 'http://127.0.0.1:4180';
export const RATE = Number(__ENV.RATE || 100);
export const SECONDS = Number(__ENV.SECONDS || 30);

const GROUPS = ['facade', 'floor', 'windows', 'roof', 'heating', 'kitchen'];
const MODELS = ['nest-60', 'nest-80', 'nest-100', 'nest-120', 'nest-160'];
const AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0',
];

export const below = (n) => Math.floor(Math.random() * n);
export const pick = (list) => list[below(list.length)];
const hex = (digits) => Array.from({ length: digits }, () => below(16).toString(16)).join('');
export const uuid = () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;

/** An address of TEST-NET-like space each: visitors do not come from one machine. Read where TRUST_PROXY is 1. */
const address = () => `${11 + below(180)}.${below(256)}.${below(256)}.${1 + below(254)}`;

const event = (seq, at) => {
  const group = pick(GROUPS);
  const common = { seq, at, path: '/konfigurator' };
  return pick([
    { ...common, type: 'page_view', title: 'Your house', nav: 'load' },
    { ...common, type: 'vital', name: 'LCP', value: below(4000) + 0.5, rating: 'good', nav: 'navigate' },
    {
      ...common,
      type: 'click',
      sel: `[data-lintel="${group}"]`,
      label: group,
      ex: below(32768),
      ey: below(32768),
      vw: 1440,
      vh: 900,
      dh: 2400,
    },
    {
      ...common,
      type: 'option_select',
      group,
      option: `option-${below(6)}`,
      model: pick(MODELS),
      priceDeltaCents: below(900_000),
    },
    {
      ...common,
      type: 'price_view',
      priceCents: 15_000_000 + below(9_000_000),
      currency: 'EUR',
      model: pick(MODELS),
    },
  ]);
};

/** A batch of `events` events of a page instance of its own. */
export const batch = (events, overrides = {}) => {
  const now = Date.now();
  return {
    key: KEY,
    sdk: '0.1.0',
    sentAt: now,
    stream: uuid(),
    visitor: uuid(),
    session: uuid(),
    consent: 'statistics',
    page: { url: `${ORIGIN}/konfigurator`, referrer: '', language: 'de-AT', timeZone: 'Europe/Vienna' },
    events: Array.from({ length: events }, (_, n) => event(n, now - 2000 + 100 * n)),
    ...overrides,
  };
};

/** Request parameters; `route` names the request in k6's numbers. */
export const params = (route, headers = {}, more = {}) => ({
  headers: {
    'Content-Type': 'application/json',
    Origin: ORIGIN,
    'User-Agent': pick(AGENTS),
    'X-Forwarded-For': address(),
    ...headers,
  },
  tags: { route },
  ...more,
});

/** Virtual users for an open loop: enough that a second of silence delays nothing. */
export const users = (rate) => Math.max(20, Math.ceil(rate));
