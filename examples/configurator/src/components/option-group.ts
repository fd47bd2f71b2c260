import type { Group, Option } from '../catalogue.js';
import { optionsFor, priceFor } from '../configuration.js';
import type { Context } from '../context.js';
import { h } from '../dom.js';
import { groupTitle, optionDescription, optionTitle } from '../text/index.js';

export interface Component {
  element: HTMLElement;
  update(): void;
}

const surcharge = (context: Context, option: Option): string => {
  const cents = priceFor(option.priceCents, context.store.configuration().model);
  return cents === 0 ? context.text().configurator.included : `+ ${context.money(cents)}`;
};

/** The options of a group as radio buttons that look like material samples. */
export const optionGroup = (context: Context, group: Group): Component => {
  const { store } = context;
  const text = context.text();
  const entries = group.options.map((option) => {
    const input = h('input', {
      type: 'radio',
      name: group.id,
      value: option.id,
      change: () => store.choose(group.id, option.id),
    });
    const price = h('span', { class: 'option-price' });
    const label = h(
      'label',
      { class: 'option', 'data-lintel': `${group.id}:${option.id}` },
      input,
      h('span', { class: `swatch swatch-${group.id}-${option.id}`, 'aria-hidden': 'true' }),
      h(
        'span',
        { class: 'option-text' },
        h('span', { class: 'option-title' }, optionTitle(text, group, option)),
        h('span', { class: 'option-note' }, optionDescription(text, group, option)),
      ),
      price,
    );
    return { option, input, price, label };
  });
  const update = (): void => {
    const { model, options } = store.configuration();
    const possible = new Set(optionsFor(group, model));
    for (const { option, input, price, label } of entries) {
      input.checked = options[group.id] === option.id;
      label.hidden = !possible.has(option);
      price.textContent = surcharge(context, option);
    }
  };
  update();
  return {
    element: h(
      'fieldset',
      { class: 'group' },
      h('legend', {}, groupTitle(text, group)),
      h('div', { class: 'options' }, ...entries.map(({ label }) => label)),
    ),
    update,
  };
};
