import type { Consent } from '@lintel/protocol/types';
import type { Random } from './random.js';

export interface Device {
  userAgent: string;
  viewport: [number, number];
  screen: [number, number];
  dpr: number;
  touch: boolean;
  /** Multiplies load times. */
  slowness: number;
}

const phone = (userAgent: string, width: number, height: number, dpr: number, slowness: number): Device => ({
  userAgent,
  viewport: [width, height - 110],
  screen: [width, height],
  dpr,
  touch: true,
  slowness,
});
const desktop = (
  userAgent: string,
  width: number,
  height: number,
  dpr: number,
  slowness: number,
): Device => ({
  userAgent,
  viewport: [width, height - 140],
  screen: [width, height],
  dpr,
  touch: false,
  slowness,
});

const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)';
const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)';
const BLINK = 'AppleWebKit/537.36 (KHTML, like Gecko)';

const WEBKIT = 'AppleWebKit/605.1.15 (KHTML, like Gecko)';
const ANDROID = `Mozilla/5.0 (Linux; Android 10; K) ${BLINK}`;

/** `{chrome}` and the like are filled with a version when a person is drawn. */
const DEVICES: readonly (readonly [number, Device])[] = [
  [
    19,
    phone(
      `Mozilla/5.0 (iPhone; CPU iPhone OS {ios_} like Mac OS X) ${WEBKIT} Version/{ios} Mobile/15E148 Safari/604.1`,
      390,
      844,
      3,
      1.15,
    ),
  ],
  [
    11,
    phone(
      `Mozilla/5.0 (iPhone; CPU iPhone OS {ios_} like Mac OS X) ${WEBKIT} Version/{ios} Mobile/15E148 Safari/604.1`,
      430,
      932,
      3,
      1.1,
    ),
  ],
  [15, phone(`${ANDROID} Chrome/{chrome}.0.0.0 Mobile Safari/537.36`, 412, 915, 2.6, 1.5)],
  [8, phone(`${ANDROID} Chrome/{chrome}.0.0.0 Mobile Safari/537.36`, 360, 800, 2, 2.1)],
  [
    4,
    phone(
      `${ANDROID} SamsungBrowser/{samsung}.0 Chrome/{chrome}.0.0.0 Mobile Safari/537.36`,
      384,
      854,
      2.8,
      1.6,
    ),
  ],
  [
    4,
    phone(
      `Mozilla/5.0 (iPad; CPU OS {ios_} like Mac OS X) ${WEBKIT} Version/{ios} Mobile/15E148 Safari/604.1`,
      820,
      1180,
      2,
      1.05,
    ),
  ],
  [15, desktop(`${WINDOWS} ${BLINK} Chrome/{chrome}.0.0.0 Safari/537.36`, 1920, 1080, 1, 0.9)],
  [5, desktop(`${WINDOWS} ${BLINK} Chrome/{chrome}.0.0.0 Safari/537.36`, 1536, 864, 1.25, 1)],
  [
    6,
    desktop(
      `${WINDOWS} ${BLINK} Chrome/{chrome}.0.0.0 Safari/537.36 Edg/{chrome}.0.0.0`,
      1920,
      1080,
      1,
      0.95,
    ),
  ],
  [
    4,
    desktop(
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:{firefox}.0) Gecko/20100101 Firefox/{firefox}.0',
      1920,
      1080,
      1,
      1,
    ),
  ],
  [5, desktop(`${MAC} ${WEBKIT} Version/{ios} Safari/605.1.15`, 1440, 900, 2, 0.75)],
  [4, desktop(`${MAC} ${BLINK} Chrome/{chrome}.0.0.0 Safari/537.36`, 1512, 982, 2, 0.75)],
];

/** Versions in use: most have the newest, a tail never updates. */
const IOS = ['18.6', '18.5', '18.4', '18.3', '18.2', '18.1', '17.7', '17.6', '17.5', '16.7'];
const newest = (random: Random): number => Math.min(9, Math.floor(random.around(1.1, 0.9)));

const withVersions = (device: Device, random: Random): Device => {
  const ios = IOS[newest(random)]!;
  const versions: Readonly<Record<string, string>> = {
    ios,
    ios_: ios.replace('.', '_'),
    chrome: String(139 - newest(random)),
    firefox: String(142 - newest(random)),
    samsung: String(28 - Math.floor(newest(random) / 3)),
  };
  return {
    ...device,
    userAgent: device.userAgent.replace(/\{(\w+)\}/g, (_, name: string) => versions[name]!),
  };
};

export interface Channel {
  name: string;
  query: string;
  referrer: string;
  /** Added to a visitor's interest, about −1…1. */
  interest: number;
  /** Share of those who land in the configurator rather than on the first page. */
  deep: number;
}

const CHANNELS: readonly (readonly [number, Channel])[] = [
  [33, { name: 'search', query: '', referrer: 'https://www.google.com/', interest: 0.15, deep: 0.1 }],
  [20, { name: 'direct', query: '', referrer: '', interest: 0.3, deep: 0.15 }],
  [
    13,
    {
      name: 'cpc',
      query: 'utm_source=google&utm_medium=cpc&utm_campaign=modulhaus',
      referrer: 'https://www.google.com/',
      interest: 0,
      deep: 0.3,
    },
  ],
  [
    12,
    {
      name: 'instagram',
      query: 'utm_source=instagram&utm_medium=paid_social&utm_campaign=wohntraum',
      referrer: 'https://l.instagram.com/',
      interest: -0.6,
      deep: 0.05,
    },
  ],
  [
    5,
    {
      name: 'newsletter',
      query: 'utm_source=newsletter&utm_medium=email&utm_campaign=hausbrief',
      referrer: '',
      interest: 0.75,
      deep: 0.35,
    },
  ],
  [6, { name: 'press', query: '', referrer: 'https://www.derstandard.at/', interest: 0.1, deep: 0 }],
  [4, { name: 'facebook', query: '', referrer: 'https://m.facebook.com/', interest: -0.4, deep: 0.05 }],
  [3, { name: 'pinterest', query: '', referrer: 'https://www.pinterest.com/', interest: -0.3, deep: 0 }],
  [2, { name: 'bing', query: '', referrer: 'https://www.bing.com/', interest: 0.1, deep: 0.1 }],
  [
    2,
    {
      name: 'assistant',
      query: 'utm_source=chatgpt.com',
      referrer: 'https://chatgpt.com/',
      interest: 0.35,
      deep: 0.1,
    },
  ],
];

/** Who comes back mostly knows the address. */
const RETURNING: readonly (readonly [number, string])[] = [
  [62, 'direct'],
  [22, 'search'],
  [12, 'newsletter'],
  [4, 'cpc'],
];

const LANGUAGES = [
  [78, 'de-AT'],
  [12, 'de-DE'],
  [4, 'de-CH'],
  [6, 'en-GB'],
] as const;

/** What people answer on the banner; null leaves it open, which is `none`. */
const ANSWERS: readonly (readonly [number, Consent | null])[] = [
  [20, null],
  [22, 'none'],
  [17, 'statistics'],
  [41, 'all'],
];

export interface Person {
  device: Device;
  channel: Channel;
  answer: Consent | null;
  visitor: string;
  language: string;
  /** Standard normal plus what the channel adds: how much this visitor wants a house. */
  interest: number;
  /** 0…1: leans to the more expensive option. */
  taste: number;
}

export const drawPerson = (random: Random): Person => {
  const channel = random.pick(CHANNELS);
  return {
    device: withVersions(random.pick(DEVICES), random),
    channel,
    answer: random.pick(ANSWERS),
    visitor: random.uuid(),
    language: random.pick(LANGUAGES),
    interest: random.normal() + channel.interest,
    taste: random.next(),
  };
};

export const drawReturnChannel = (random: Random): Channel => {
  const name = random.pick(RETURNING);
  return CHANNELS.find(([, channel]) => channel.name === name)![1];
};
