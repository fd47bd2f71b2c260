import type { Page } from '@lintel/protocol/types';
import { clean } from '../capture/mask.js';
import type { Level } from '../types.js';
import { stores } from './consent.js';

const CLICK_IDS = /^(gclid|gbraid|wbraid|fbclid|msclkid|ttclid)$/;
/** Rounded, a window's size says little about a person. */
const STEP_PX = 20;
const LENGTH = 1024;

/** An address without what may name a person; of its parameters those that `keeps` stay. */
const cleanUrl = (address: string, keeps: (name: string) => boolean): string => {
  const { origin, pathname, searchParams } = new URL(address);
  const search = String(
    new URLSearchParams(
      [...searchParams].filter(([name]) => keeps(name)).map(([name, value]) => [name, clean(value)]),
    ),
  );
  return (origin + clean(pathname) + (search && '?' + search)).slice(0, LENGTH);
};

type Temporal = { Temporal?: { Now: { timeZoneId(): string } } };
/**
 * The visitor's time zone, by its IANA name. The first `Intl.DateTimeFormat` of a page costs 60 to 200 ms at a CPU four
 * times slower (Chromium 147 loads all patterns of the locale), `Temporal` 2.
 */
export const timeZone = (): string =>
  (globalThis as Temporal).Temporal?.Now.timeZoneId() ?? Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Asked late: before the first paint the browser would have to lay out the page, 27 ms at a CPU four times slower. */
export const viewportOf = (level: Level): [width: number, height: number] => {
  const step = stores(level) ? 1 : STEP_PX;
  const px = (size: number): number => Math.round(size / step) * step;
  return [px(innerWidth), px(innerHeight)];
};

/**
 * The page a stream lives on, read once; without consent only what cannot tell two visitors apart.
 * @param query parameters that the site asked for   @param zone absent while nobody had the time to ask
 */
export const landing = (level: Level, query: readonly string[] = [], zone?: string): Page => {
  const { connection } = navigator as Navigator & { connection?: { effectiveType?: string } };
  const rich = stores(level);
  const keeps = (name: string): boolean =>
    /^utm_/.test(name) || query.includes(name) || (level === 'all' && CLICK_IDS.test(name));
  return {
    url: cleanUrl(location.href, keeps),
    referrer: document.referrer && cleanUrl(document.referrer, () => false),
    title: clean(document.title).slice(0, LENGTH),
    ...(rich && {
      language: navigator.language.slice(0, 35),
      timeZone: zone,
      screen: [screen.width, screen.height],
      dpr: devicePixelRatio,
      touch: navigator.maxTouchPoints > 0,
      connection: connection?.effectiveType,
    }),
  };
};
