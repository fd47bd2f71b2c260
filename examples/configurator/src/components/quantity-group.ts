import type { Group } from '../catalogue.js';
import { optionOf, optionsFor, priceFor } from '../configuration.js';
import type { Context } from '../context.js';
import { h } from '../dom.js';
import { groupTitle, optionDescription, optionTitle } from '../text/index.js';
import type { Component } from './option-group.js';

/** A counted group (photovoltaic modules): a stepper with a small picture of how much of the roof is covered. */
export const quantityGroup = (context: Context, group: Group): Component => {
  const { store } = context;
  const text = context.text();
  const step = (by: -1 | 1): void => {
    const { model, options } = store.configuration();
    const possible = optionsFor(group, model);
    const next = possible[possible.findIndex((option) => option.id === options[group.id]) + by];
    if (next) store.choose(group.id, next.id);
  };
  const button = (by: -1 | 1, sign: string, label: string): HTMLButtonElement =>
    h(
      'button',
      {
        type: 'button',
        class: 'step',
        'aria-label': label,
        'data-lintel': `${group.id}:${by < 0 ? 'less' : 'more'}`,
        'data-lintel-repeat': '',
        click: () => step(by),
      },
      sign,
    );
  const less = button(-1, '−', text.configurator.less);
  const more = button(1, '+', text.configurator.more);
  const title = h('span', { class: 'option-title' });
  const note = h('span', { class: 'option-note' });
  const price = h('span', { class: 'option-price' });
  const cells = h('span', { class: 'cells', 'aria-hidden': 'true' });
  const update = (): void => {
    const { model, options } = store.configuration();
    const possible = optionsFor(group, model);
    const option = optionOf(context.catalogue, group.id, options[group.id]) ?? possible[0]!;
    const at = possible.indexOf(option);
    const cents = priceFor(option.priceCents, model);
    title.textContent = optionTitle(text, group, option);
    note.textContent = optionDescription(text, group, option);
    price.textContent = cents === 0 ? text.configurator.included : `+ ${context.money(cents)}`;
    // A disabled button loses the keyboard's focus, so the ends are only announced.
    less.setAttribute('aria-disabled', String(at === 0));
    more.setAttribute('aria-disabled', String(at === possible.length - 1));
    cells.replaceChildren(
      ...possible.slice(1).map((_, i) => h('span', { class: i < at ? 'cell cell-on' : 'cell' })),
    );
  };
  update();
  return {
    element: h(
      'fieldset',
      { class: 'group' },
      h('legend', {}, groupTitle(text, group)),
      h(
        'div',
        { class: 'quantity' },
        less,
        h('span', { class: 'option-text', role: 'status' }, title, note),
        more,
        cells,
        price,
      ),
    ),
    update,
  };
};
