import { remembered } from './lru.js';
import { redact } from './redact.js';

/** Where a page instance came from. */
export interface Landing {
  refHost: string;
  channel: string;
  source: string;
  medium: string;
  campaign: string;
}

const CLICK_IDS = ['gclid', 'gbraid', 'wbraid', 'fbclid', 'msclkid', 'ttclid'];
const PAID = /^(?:.*(?:cpc|ppc|cpm|cpv|retarget).*|paid.*|display|banner|sea|ads?)$/;
const EMAIL = /^(?:e-?mail|newsletter|mailing)$/;
const SOCIAL_MEDIUM = /^(?:social|social-?media|social-?network|sm)$/;
const SOCIAL =
  /(?:^|\.)(?:facebook\.com|fb\.com|instagram\.com|t\.co|x\.com|twitter\.com|linkedin\.com|lnkd\.in|pinterest\.[a-z.]+|reddit\.com|youtube\.com|youtu\.be|tiktok\.com|xing\.com|bsky\.app|threads\.(?:net|com)|snapchat\.com|whatsapp\.com|t\.me|telegram\.org)$/;
const SEARCH =
  /(?:^|\.)(?:google\.[a-z.]+|bing\.com|duckduckgo\.com|ecosia\.org|yahoo\.[a-z.]+|qwant\.com|startpage\.com|search\.brave\.com|baidu\.com|yandex\.[a-z.]+|kagi\.com)$/;
const AFFILIATE = /^(?:affiliates?|partner)$/;

/** First match wins; a pure function of what the landing page said. */
export const channelOf = ({
  clickId,
  medium,
  source,
  refHost,
}: {
  clickId: boolean;
  medium: string;
  source: string;
  refHost: string;
}): string => {
  const m = medium.toLowerCase();
  const s = source.toLowerCase();
  if (clickId || PAID.test(m)) return 'paid';
  if (EMAIL.test(m) || EMAIL.test(s)) return 'email';
  if (SOCIAL.test(refHost) || SOCIAL_MEDIUM.test(m)) return 'social';
  if (SEARCH.test(refHost) || m === 'organic') return 'search';
  if (AFFILIATE.test(m)) return 'affiliate';
  if (refHost !== '' || m === 'referral') return 'referral';
  return 'direct';
};

const hostOf = (url: string): string => {
  if (url === '' || !URL.canParse(url)) return '';
  return new URL(url).hostname.toLowerCase().replace(/^www\./, '');
};

/** Label columns hold few distinct values: what a campaign link says is cut. */
const LABEL = 128;

const compute = (url: string, referrer: string, clickIds: boolean): Landing => {
  const at = url.indexOf('?');
  const query = new URLSearchParams(at < 0 ? '' : url.slice(at + 1).split('#', 1)[0]);
  const label = (name: string): string => redact((query.get(name) ?? '').slice(0, LABEL));
  const from = hostOf(referrer);
  // from one page of the site to the next is no referral
  const refHost = from === hostOf(url) ? '' : from;
  const source = label('utm_source');
  const medium = label('utm_medium');
  const clickId = clickIds && CLICK_IDS.some((name) => query.has(name));
  return {
    refHost,
    channel: channelOf({ clickId, medium, source, refHost }),
    source,
    medium,
    campaign: label('utm_campaign'),
  };
};

export type FindLanding = (url: string, referrer: string, clickIds: boolean) => Landing;

/** @param clickIds of the returned function: whether the level of consent lets them be read */
export const createLandings = (): FindLanding => {
  // the parts cannot hold a newline: `cleanText` took them out
  const landings = remembered(5000, (key) => {
    const [ids = '', url = '', referrer = ''] = key.split('\n');
    return compute(url, referrer, ids === '1');
  });
  return (url, referrer, clickIds) => landings(`${clickIds ? '1' : '0'}\n${url}\n${referrer}`);
};
