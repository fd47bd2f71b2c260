import type { Context } from '../context.js';
import { h } from '../dom.js';
import type { Component } from './option-group.js';

/** Total price, always in view, with the way on. */
export const priceBar = (context: Context): Component => {
  const text = context.text().configurator;
  const total = h('output', { class: 'total' });
  const link = h('a', { class: 'button', href: '', 'data-lintel': 'configurator:summary' }, text.toSummary);
  const update = (): void => {
    total.textContent = context.money(context.store.totalCents());
    link.setAttribute('href', context.address('/zusammenfassung'));
  };
  update();
  return {
    element: h(
      'div',
      { class: 'price-bar', 'data-lintel-see': 'price-bar' },
      h(
        'div',
        { class: 'price-bar-text' },
        h('span', { class: 'eyebrow' }, text.total),
        total,
        h('span', { class: 'price-bar-note' }, text.totalNote),
      ),
      link,
    ),
    update,
  };
};
