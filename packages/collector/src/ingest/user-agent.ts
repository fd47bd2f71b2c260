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
  /** Names itself a program. */
  bot: boolean;
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

/** Longest header that is looked at; a real one has under 500 characters. */
const LONGEST = 1024;

const parse = (header: string): Agent => {
  // bowser throws on an empty one
  if (header.trim() === '') return { device: '', browser: '', os: '', bot: false };
  const { browser, os, platform } = bowser.parse(header);
  return {
    device: platform.type ?? '',
    browser: IN_APP.find(([pattern]) => pattern.test(header))?.[1] ?? browser.name ?? '',
    os: os.name ?? '',
    bot: isbot(header),
  };
};

/** 45 µs a miss, so 5,000 headers are remembered. */
export const createAgents = (): ((header: string | undefined) => Agent) => {
  const agents = remembered(5000, parse);
  return (header = '') => agents(header.length > LONGEST ? header.slice(0, LONGEST) : header);
};
