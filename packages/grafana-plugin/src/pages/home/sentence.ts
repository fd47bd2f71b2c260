import { CAPTURE_FLOOR } from '../../queries/panels';
import type { DayFacts, NowFacts } from './homeFacts';

/** Older than this, a site without visitors is called quiet. */
const STALE_S = 300;

/** `t` with values for the places in a text. */
export type Tell = (key: string, text: string, values?: Record<string, unknown>) => string;

export interface Sentence {
  text: string;
  /** Somebody needs to act. */
  warns: boolean;
}

/** First what needs somebody, then what happens. */
export const sentenceOf = (now: NowFacts, day: DayFacts, t: Tell): Sentence => {
  const { stored, generated } = day;
  const inquiries = day.inquiries ?? 0;
  if (generated > 0 && stored / generated < CAPTURE_FLOOR) {
    return {
      warns: true,
      text: t('home.losing', 'Data is missing: {{stored}} of {{generated}} events of today are stored.', {
        stored,
        generated,
      }),
    };
  }
  if (now.newestS === null) {
    return {
      warns: true,
      text: t('home.silent', 'Nothing has arrived in two days: is the script tag on the pages?'),
    };
  }
  if (now.newestS > STALE_S && !now.visitors) {
    return {
      warns: false,
      text: t('home.quiet', 'Nobody is here now. Inquiries today: {{inquiries}}.', { inquiries }),
    };
  }
  return {
    warns: false,
    text: t(
      'home.busy',
      'Visitors now: {{visitors}}, of them choosing options: {{configuring}}. Inquiries today: {{inquiries}}.',
      { visitors: now.visitors ?? 0, configuring: now.configuring, inquiries },
    ),
  };
};
