import type { Context } from '../context.js';
import { h } from '../dom.js';

/** The consent answer can be changed here at any time. */
export const footer = (context: Context, onSettings: () => void): HTMLElement => {
  const text = context.text();
  return h(
    'footer',
    { class: 'site-footer' },
    h('p', {}, h('strong', {}, text.brand), ' · ', text.tagline),
    h('p', { class: 'muted' }, text.footer.note),
    h(
      'button',
      { type: 'button', class: 'quiet', 'data-lintel': 'footer:privacy', click: onSettings },
      text.consent.settings,
    ),
  );
};
