import { startConfiguration, fromQuery, toQuery } from '../configuration.js';
import { houseOf, type Context } from '../context.js';
import { h } from '../dom.js';
import type { View } from '../router.js';
import { createScene, drawModel } from '../scene/index.js';

/** The house of the hero, and how the models are dressed on their cards. */
const HERO = {
  facade: 'wood',
  interior: 'spruce',
  floor: 'parquet',
  windows: 'aluminium',
  photovoltaics: '16',
  heating: 'pellet',
};
const DRESSES = ['cement-white', 'wood', 'trapezoid', 'cement-black', 'wood'];

const savedList = (context: Context): HTMLElement | null => {
  const text = context.text().landing;
  const section = h('section', { class: 'saved' }, h('h2', {}, text.saved));
  const draw = (): void => {
    const entries = context.storage.saved();
    section.hidden = entries.length === 0;
    const list = h('ul', { class: 'saved-list' });
    for (const entry of entries) {
      const configuration = fromQuery(context.catalogue, entry.query);
      if (!configuration) continue;
      const model = context.catalogue.models.find(({ id }) => id === configuration.model)!;
      const when = new Intl.DateTimeFormat(context.language(), { dateStyle: 'medium' }).format(entry.savedAt);
      list.append(
        h(
          'li',
          {},
          h('span', {}, h('strong', {}, model.title), ` · ${when}`),
          h(
            'a',
            { href: context.address('/konfigurator', entry.query), 'data-lintel': 'saved:open' },
            text.open,
          ),
          h(
            'button',
            {
              type: 'button',
              class: 'quiet',
              'data-lintel': 'saved:remove',
              'aria-label': `${text.remove}: ${model.title}`,
              click: () => {
                context.storage.forget(entry.id);
                draw();
              },
            },
            text.remove,
          ),
        ),
      );
    }
    section.replaceChildren(section.firstChild!, list);
  };
  draw();
  return section.hidden ? null : section;
};

const modelCards = (context: Context): HTMLElement => {
  const text = context.text();
  return h(
    'ul',
    { class: 'cards' },
    ...context.catalogue.models.map((model, i) => {
      const configuration = startConfiguration(context.catalogue, model.id);
      const house = houseOf(context.catalogue, model.id, {
        ...configuration.options,
        interior: 'spruce',
        floor: 'parquet',
        windows: i % 2 ? 'aluminium' : 'wood',
        facade: DRESSES[i % DRESSES.length]!,
      });
      return h(
        'li',
        {},
        h(
          'a',
          {
            class: 'card',
            href: context.address('/konfigurator', toQuery(context.catalogue, configuration)),
            'data-lintel': `model:${model.id}`,
            'data-lintel-see': `card:${model.id}`,
          },
          drawModel(`card-${model.id}`, house),
          h('span', { class: 'card-title' }, model.title),
          h('span', { class: 'card-note' }, text.descriptions[model.id] ?? model.description),
          h(
            'span',
            { class: 'card-facts' },
            `${model.areaSquareMetres} ${text.landing.area} · ${model.rooms} ${text.landing.rooms}`,
          ),
          h('span', { class: 'card-price' }, `${text.landing.from} ${context.money(model.priceCents)}`),
        ),
      );
    }),
  );
};

/** `/`: what these houses are, and the models. */
export const landing = (context: Context): View => {
  const text = context.text();
  const { catalogue } = context;
  const hero = createScene('hero', houseOf(catalogue, 'nest-120', HERO), `${text.scene}: Nest.120`);
  return {
    title: `${text.brand} · ${text.tagline}`,
    element: h(
      'div',
      { class: 'landing' },
      h(
        'section',
        { class: 'hero' },
        h('div', { class: 'hero-scene' }, hero.element),
        h(
          'div',
          { class: 'hero-text' },
          h('p', { class: 'eyebrow' }, text.tagline),
          h('h1', {}, text.landing.title),
          h('p', { class: 'lead' }, text.landing.lead),
          h(
            'a',
            { class: 'button', href: context.address('/konfigurator'), 'data-lintel': 'hero:start' },
            text.landing.start,
          ),
        ),
      ),
      savedList(context),
      h(
        'section',
        { class: 'band' },
        h('h2', {}, text.landing.models),
        h('p', { class: 'lead' }, text.landing.modelsLead),
        modelCards(context),
      ),
      h(
        'section',
        { class: 'facts' },
        ...text.landing.facts.map(([fact, meaning]) =>
          h('div', {}, h('h3', {}, fact!), h('p', {}, meaning!)),
        ),
      ),
    ),
  };
};
