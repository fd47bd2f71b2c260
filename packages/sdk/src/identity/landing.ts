import type { Page } from '@lintel/protocol/types';
import type { Level } from '../types.js';
import { stores } from './consent.js';

const CLICK_IDS = /^(gclid|gbraid|wbraid|fbclid|msclkid|ttclid)$/;
/** Rounded, a window's size says little about a person. */
const STEP_PX = 20;

export interface LandingSettings {
  level: Level;
  /** As `timeZone` says; absent while nobody had the time to ask. */
  zone: string | undefined;
  query: readonly string[];
  clean(text: string): string;
}

/** An address without what may name a person: only campaign parameters and those the site asked for stay. */
export const cleanUrl = (address: string, { level, query, clean }: LandingSettings): string => {
  const url = new URL(address);
  const kept = new URLSearchParams();
  for (const [name, value] of url.searchParams)
    if (/^utm_/.test(name) || query.includes(name) || (level === 'all' && CLICK_IDS.test(name)))
      kept.append(name, clean(value));
  const search = kept.toString();
  return (url.origin + clean(url.pathname) + (search && `?${search}`)).slice(0, 1024);
};

const referrerOf = (address: string, clean: (text: string) => string): string => {
  if (!address) return '';
  const { origin, pathname } = new URL(address);
  return (origin + clean(pathname)).slice(0, 1024);
};

type Temporal = { Temporal?: { Now: { timeZoneId(): string } } };
/**
 * The visitor's time zone, by its IANA name. The first `Intl.DateTimeFormat` of a page costs 60 to 200 ms at a CPU four
 * times slower (Chromium 147 loads all patterns of the locale), `Temporal` 2.
 */
export const timeZone = (): string =>
  (globalThis as Temporal).Temporal?.Now.timeZoneId() ?? Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The page a stream lives on, read once; without consent only what cannot tell two visitors apart. */
export const landing = (host: Window, settings: LandingSettings): Page => {
  const { document, innerWidth, innerHeight, navigator, screen } = host;
  const rich = stores(settings.level);
  const px = (size: number): number => (rich ? size : Math.round(size / STEP_PX) * STEP_PX);
  const { connection } = navigator as Navigator & { connection?: { effectiveType?: string } };
  return {
    url: cleanUrl(host.location.href, settings),
    referrer: referrerOf(document.referrer, settings.clean),
    title: settings.clean(document.title).slice(0, 1024),
    viewport: [px(innerWidth), px(innerHeight)],
    ...(rich && {
      language: navigator.language.slice(0, 35),
      timeZone: settings.zone ?? null,
      screen: [screen.width, screen.height],
      dpr: host.devicePixelRatio,
      touch: navigator.maxTouchPoints > 0,
      connection: connection?.effectiveType ?? null,
    }),
  };
};
