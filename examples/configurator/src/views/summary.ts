import { fromQuery, modelOf, optionOf, priceFor, toQuery } from '../configuration.js';
import { houseOf, type Context } from '../context.js';
import { h } from '../dom.js';
import type { View } from '../router.js';
import { createScene } from '../scene/index.js';
import { groupTitle, optionTitle } from '../text/index.js';
import { describeHouse } from './configurator.js';

/** Takes over a configuration from the address, for a summary that was opened by a link. */
export const adoptAddress = (context: Context): void => {
  const { catalogue, host, store } = context;
  const asked = fromQuery(catalogue, host.location.search);
  if (asked && toQuery(catalogue, asked) !== toQuery(catalogue, store.configuration()))
    store.open(asked, 'load');
};

/** The choices with their prices, as rows. */
export const priceTable = (context: Context): HTMLElement => {
  const { catalogue, store } = context;
  const text = context.text();
  const { model, options } = store.configuration();
  const row = (name: string, value: string, cents: number): HTMLElement =>
    h(
      'div',
      { class: 'row' },
      h('dt', {}, name),
      h('dd', {}, value),
      h('dd', { class: 'amount' }, cents === 0 ? text.configurator.included : context.money(cents)),
    );
  return h(
    'dl',
    { class: 'price-table' },
    row(text.configurator.model, modelOf(catalogue, model).title, modelOf(catalogue, model).priceCents),
    ...catalogue.groups.map((group) => {
      const option = optionOf(catalogue, group.id, options[group.id])!;
      return row(
        groupTitle(text, group),
        optionTitle(text, group, option),
        priceFor(option.priceCents, model),
      );
    }),
    h(
      'div',
      { class: 'row row-total' },
      h('dt', {}, text.configurator.total),
      h('dd', {}),
      h('dd', { class: 'amount' }, context.money(store.totalCents())),
    ),
  );
};

/** `/zusammenfassung`: what was built and what it costs. */
export const summary = (context: Context): View => {
  adoptAddress(context);
  const { analytics, catalogue, store } = context;
  const text = context.text();
  const { model, options } = store.configuration();
  const { areaSquareMetres, title } = modelOf(catalogue, model);
  const totalCents = store.totalCents();
  const scene = createScene('summary', houseOf(catalogue, model, options), describeHouse(context));
  analytics.price({
    priceCents: totalCents,
    currency: catalogue.currency,
    model,
    catalogue: catalogue.version,
  });
  const fact = (name: string, value: string): HTMLElement =>
    h('div', {}, h('dt', {}, name), h('dd', {}, value));
  return {
    title: `${text.summary.title} · ${text.brand}`,
    element: h(
      'div',
      { class: 'summary' },
      h('div', { class: 'summary-scene' }, scene.element),
      h(
        'div',
        { class: 'summary-text' },
        h('p', { class: 'eyebrow' }, text.summary.title),
        h('h1', {}, title),
        h('p', { class: 'lead' }, text.summary.lead),
        priceTable(context),
        h('p', { class: 'muted' }, text.configurator.totalNote),
        h(
          'dl',
          { class: 'summary-facts' },
          fact(text.summary.area, `${areaSquareMetres} m²`),
          fact(text.summary.perSquareMetre, context.money(totalCents / areaSquareMetres)),
          fact(text.summary.delivery, `14 ${text.summary.weeks}`),
        ),
        h(
          'div',
          { class: 'actions' },
          h(
            'a',
            { class: 'button', href: context.address('/anfrage'), 'data-lintel': 'summary:inquire' },
            text.summary.inquire,
          ),
          h(
            'a',
            {
              class: 'button button-outline',
              href: context.address('/konfigurator'),
              'data-lintel': 'summary:change',
            },
            text.summary.change,
          ),
        ),
      ),
    ),
  };
};
