import bowser from 'bowser';
import { isbot } from 'isbot';
import { remembered } from './lru.js';

/** What a User-Agent header says, as far as it is stored. */
export interface Agent {
  /** desktop, mobile, tablet, tv; empty when unknown. */
  device: string;
  /** Name without version: a chart by browser must not fall apart at every release. */
  browser: string;
  os: string;
  /** `crawler`: reads pages by itself · `automated`: a browser or library that somebody's program drives. */
  program: 'crawler' | 'automated' | null;
}

/** Browsers inside apps: bowser sees only the web view they are made of. */
const IN_APP: readonly (readonly [RegExp, string])[] = [
  [/Instagram/, 'Instagram'],
  [/FBAN|FBAV/, 'Facebook'],
  [/musical_ly|BytedanceWebview|TikTok/i, 'TikTok'],
  [/Snapchat/, 'Snapchat'],
  [/Pinterest/, 'Pinterest'],
  [/LinkedInApp/, 'LinkedIn'],
  [/WhatsApp/, 'WhatsApp'],
  [/MicroMessenger/, 'WeChat'],
  [/\bLine\//, 'LINE'],
  [/\bGSA\//, 'Google app'],
];

/**
 * isbot calls these bots too. They are somebody's own programs (tests of the site, a server that relays), which do what
 * visitors do: marked, but counted.
 */
const AUTOMATED =
  /HeadlessChrome|^(node|undici|node-fetch|axios|got|curl|wget|python|aiohttp|httpx|go-http-client|okhttp|java|apache-httpclient|libwww-perl|ruby|php|guzzle|k6|postmanruntime|insomnia|dart|reqwest)\b/i;

const programOf = (header: string): Agent['program'] =>
  AUTOMATED.test(header) ? 'automated' : isbot(header) ? 'crawler' : null;

/** Longest header that is looked at; a real one has under 500 characters. */
const LONGEST = 1024;

const parse = (header: string): Agent => {
  // bowser throws on an empty one
  if (header.trim() === '') return { device: '', browser: '', os: '', program: null };
  const { browser, os, platform } = bowser.parse(header);
  return {
    device: platform.type ?? '',
    browser: IN_APP.find(([pattern]) => pattern.test(header))?.[1] ?? browser.name ?? '',
    os: os.name ?? '',
    program: programOf(header),
  };
};

/** 45 µs a miss, so 5,000 headers are remembered. */
export const createAgents = (): ((header: string | undefined) => Agent) => {
  const agents = remembered(5000, parse);
  return (header = '') => agents(header.length > LONGEST ? header.slice(0, LONGEST) : header);
};
