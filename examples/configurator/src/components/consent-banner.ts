import type { ConsentLevel } from '../analytics.js';
import type { Context } from '../context.js';
import { h } from '../dom.js';

const LEVELS: readonly ConsentLevel[] = ['none', 'statistics', 'all'];

/**
 * Three answers of equal weight; no answer means `none`, and none is given for the visitor.
 * @param current the answer in force, marked when the banner is opened again
 */
export const consentBanner = (
  context: Context,
  current: ConsentLevel | null,
  onChoice: (level: ConsentLevel) => void,
): HTMLElement => {
  const text = context.text().consent;
  return h(
    'section',
    { class: 'consent', role: 'region', 'aria-labelledby': 'consent-title' },
    h('h2', { id: 'consent-title' }, text.title),
    h('p', {}, text.text),
    h(
      'details',
      {},
      h('summary', {}, text.details),
      h('dl', {}, ...text.explain.flatMap(([term, meaning]) => [h('dt', {}, term!), h('dd', {}, meaning!)])),
    ),
    h(
      'div',
      { class: 'consent-answers' },
      ...LEVELS.map((level) =>
        h(
          'button',
          {
            type: 'button',
            class: 'button button-outline',
            'data-lintel': `consent:${level}`,
            'aria-pressed': current === null ? null : String(current === level),
            click: () => onChoice(level),
          },
          text[level],
        ),
      ),
    ),
  );
};
