import type { Context } from '../context.js';
import { h, s } from '../dom.js';

const logo = (): SVGElement =>
  s(
    'svg',
    { class: 'logo', viewBox: '0 0 32 32', 'aria-hidden': 'true' },
    s('path', { d: 'M5 15 16 5l11 10v12H5Z', class: 'logo-wall' }),
    s('path', { d: 'M11 27V17l5-4.6 5 4.6v10Z', class: 'logo-door' }),
  );

/** Name, two links, and the switch of language. */
export const header = (context: Context, onLanguage: () => void): HTMLElement => {
  const text = context.text();
  return h(
    'header',
    { class: 'site-header' },
    h('a', { class: 'skip', href: '#main' }, text.skip),
    h(
      'a',
      { class: 'brand', href: context.address('/', ''), 'data-lintel': 'header:home' },
      logo(),
      text.brand,
    ),
    h(
      'nav',
      { 'aria-label': text.navigation.label },
      h(
        'a',
        { href: context.address('/', ''), 'data-lintel': 'header:models', class: 'wide-only' },
        text.navigation.models,
      ),
      h(
        'a',
        { href: context.address('/konfigurator', ''), 'data-lintel': 'header:configurator' },
        text.navigation.configurator,
      ),
      h(
        'button',
        {
          type: 'button',
          class: 'quiet',
          'data-lintel': 'header:language',
          'aria-label': text.otherLanguageLabel,
          click: onLanguage,
        },
        text.otherLanguage,
      ),
    ),
  );
};
