/**
 * Events of visits to a configurator as JSON text, varied as people are: places of clicks, prices, timings, elements and
 * options differ, so that compression and columns meet what they will meet. Written by hand, because the generator shares
 * the machine with what it measures.
 */

/** 0…1. Seeded, so that two runs send alike. Source: Marsaglia (2003), xorshift, doi:10.18637/jss.v008.i14 */
export const createRandom = (seed: number): (() => number) => {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
};

type Random = () => number;

const GROUPS = [
  ['facade', 'larch', 'fibre-cement', 'plaster', 'charred-spruce', 'slate'],
  ['floor', 'oak', 'ash', 'tiles', 'linoleum'],
  ['windows', 'double', 'triple', 'triple-solar'],
  ['roof', 'green', 'metal', 'photovoltaics'],
  ['heating', 'heat-pump', 'pellets', 'infrared'],
  ['kitchen', 'none', 'compact', 'island'],
  ['terrace', 'none', 'south', 'wrap-around'],
] as const;
const MODELS = ['nest-60', 'nest-80', 'nest-100', 'nest-120', 'nest-160'] as const;
const PATHS = ['/', '/konfigurator', '/modelle', '/zusammenfassung', '/anfrage', '/galerie'] as const;
const TITLES = ['Start', 'Your house', 'Models', 'Summary', 'Inquiry', 'Gallery'] as const;
const SCREENS = [
  [1440, 900],
  [1920, 1080],
  [1536, 864],
  [412, 915],
  [390, 844],
  [768, 1024],
] as const;
const VITALS = ['LCP', 'INP', 'CLS', 'FCP', 'TTFB'] as const;
const SEEN = ['summary', 'price', 'gallery', 'floor-plan', 'financing'] as const;

const below = (random: Random, n: number): number => Math.floor(random() * n);
const pick = <T>(random: Random, list: readonly T[]): T => list[below(random, list.length)]!;
const price = (random: Random): number => 14_900_000 + below(random, 900) * 10_000;

const click = (random: Random, path: string): string => {
  const group = pick(random, GROUPS);
  const option = group[1 + below(random, group.length - 1)]!;
  const [width, height] = pick(random, SCREENS);
  const top = below(random, 2400);
  return `"type":"click","path":"${path}","sel":"[data-lintel=\\"${group[0]}:${option}\\"]","label":"${group[0]}:${option}","kind":"${random() < 0.5 ? 'mouse' : 'touch'}","ex":${below(random, 32_768)},"ey":${below(random, 32_768)},"px":${below(random, 10_001)},"py":${top + below(random, 80)},"box":[${below(random, 400)},${top},320,80],"fixed":false,"vw":${width},"vh":${height},"dh":${2400 + below(random, 600)}`;
};

const option = (random: Random, path: string): string => {
  const group = pick(random, GROUPS);
  const [chosen, before] = [1, 1].map(() => group[1 + below(random, group.length - 1)]!);
  return `"type":"option_select","path":"${path}","group":"${group[0]}","option":"${chosen}","previous":"${before}","priceDeltaCents":${(below(random, 200) - 100) * 10_000},"model":"${pick(random, MODELS)}"`;
};

const config = (random: Random, path: string): string => {
  const options = GROUPS.map((group) => `"${group[0]}":"${group[1 + below(random, group.length - 1)]!}"`);
  return `"type":"config","path":"${path}","model":"${pick(random, MODELS)}","options":{${options.join(',')}},"priceCents":${price(random)},"currency":"EUR","reason":"change"`;
};

const vital = (random: Random, path: string): string => {
  const value = (random() * random() * 6000).toFixed(1);
  return `"type":"vital","path":"${path}","name":"${pick(random, VITALS)}","value":${value},"delta":${value},"id":"v5-${below(random, 1e9)}-${below(random, 1e9)}","rating":"${random() < 0.8 ? 'good' : 'poor'}","nav":"navigate"`;
};

/** A visit's usual order: what a page instance of the configurator sends. Each without braces, `seq` and `at`. */
const VISIT: readonly ((random: Random, path: string) => string)[] = [
  (random, path) =>
    `"type":"page_view","path":"${path}","title":"${TITLES[PATHS.indexOf(path as '/')]!}","nav":"${random() < 0.5 ? 'load' : 'route'}","display":"browser"`,
  vital,
  click,
  option,
  config,
  (random, path) =>
    `"type":"price_view","path":"${path}","priceCents":${price(random)},"currency":"EUR","model":"${pick(random, MODELS)}"`,
  click,
  (random, path) =>
    `"type":"scroll","path":"${path}","view":0,"depth":${pick(random, [25, 50, 75, 90, 100])},"px":${below(random, 3000)},"dh":${2400 + below(random, 600)}`,
  (random, path) =>
    `"type":"visibility","path":"${path}","name":"${pick(random, SEEN)}","ms":${below(random, 20_000)},"ratio":${random().toFixed(2)},"view":0`,
  (random, path) =>
    `"type":"page_leave","path":"${path}","view":0,"engagedMs":${below(random, 60_000)},"visibleMs":${below(random, 90_000)},"depth":${below(random, 101)},"depthPx":${below(random, 3000)},"final":true`,
];

/** Event number `n` of a visit. */
export const eventText = (random: Random, n: number, path: string): string =>
  VISIT[n % VISIT.length]!(random, path);

export const pathOf = (random: Random): string => pick(random, PATHS);

const REFERRERS = [
  '',
  '',
  'https://www.google.com/',
  'https://www.instagram.com/',
  'https://derstandard.at/',
];
const CAMPAIGNS = ['', '', '?utm_source=newsletter&utm_medium=email&utm_campaign=spring', '?gclid=Cj0KCQ'];
const LANGUAGES = ['de-AT', 'de-DE', 'de-CH', 'en-GB', 'it-IT'];
const ZONES = ['Europe/Vienna', 'Europe/Berlin', 'Europe/Zurich', 'Europe/London'];

/** The `page` of a page instance. */
export const pageText = (random: Random, path: string): string => {
  const [width, height] = pick(random, SCREENS);
  return `{"url":"https://nest.example${path}${pick(random, CAMPAIGNS)}","referrer":"${pick(random, REFERRERS)}","title":"Configurator","language":"${pick(random, LANGUAGES)}","timeZone":"${pick(random, ZONES)}","screen":[${width},${height}],"viewport":[${width},${height - 80}],"dpr":${1 + below(random, 3)},"touch":${width < 800},"connection":"4g"}`;
};

export const AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36',
  'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0',
] as const;
