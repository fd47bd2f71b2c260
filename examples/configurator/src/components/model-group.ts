import type { Context } from '../context.js';
import { h } from '../dom.js';
import type { Component } from './option-group.js';

/** The models as a row of radio buttons. */
export const modelGroup = (context: Context): Component => {
  const { catalogue, store } = context;
  const text = context.text();
  const inputs = catalogue.models.map((model) => ({
    model,
    input: h('input', {
      type: 'radio',
      name: 'model',
      value: model.id,
      change: () => store.choose('model', model.id),
    }),
  }));
  const note = h('p', { class: 'group-note' });
  const update = (): void => {
    const { model } = store.configuration();
    for (const entry of inputs) {
      entry.input.checked = entry.model.id === model;
      if (entry.input.checked) note.textContent = text.descriptions[model] ?? entry.model.description;
    }
  };
  update();
  return {
    element: h(
      'fieldset',
      { class: 'group' },
      h('legend', {}, text.configurator.model),
      h(
        'div',
        { class: 'models' },
        ...inputs.map(({ model, input }) =>
          h(
            'label',
            { class: 'model-chip', 'data-lintel': `model:${model.id}` },
            input,
            h('span', { class: 'model-chip-title' }, model.title),
            h('span', { class: 'model-chip-note' }, `${model.areaSquareMetres} ${text.landing.area}`),
          ),
        ),
      ),
      note,
    ),
    update,
  };
};
