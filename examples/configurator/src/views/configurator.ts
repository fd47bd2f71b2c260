import { modelGroup } from '../components/model-group.js';
import type { Notice } from '../components/notice.js';
import { optionGroup } from '../components/option-group.js';
import { priceBar } from '../components/price-bar.js';
import { quantityGroup } from '../components/quantity-group.js';
import { fromQuery, optionOf, toQuery } from '../configuration.js';
import { houseOf, type Context } from '../context.js';
import { h } from '../dom.js';
import type { View } from '../router.js';
import { createScene } from '../scene/index.js';
import { optionTitle } from '../text/index.js';

/** The drawing in words: model and chosen options. */
export const describeHouse = (context: Context): string => {
  const { catalogue, store } = context;
  const text = context.text();
  const { model, options } = store.configuration();
  const parts = catalogue.groups.flatMap((group) => {
    const option = optionOf(catalogue, group.id, options[group.id]);
    return option ? [optionTitle(text, group, option)] : [];
  });
  const { title } = catalogue.models.find(({ id }) => id === model)!;
  return `${text.scene}: ${title} ${text.with} ${parts.join(', ')}`;
};

/** Reads the address into the store; a link that carries options was saved or shared. */
const openAddress = (context: Context): void => {
  const { catalogue, host, store } = context;
  const asked = fromQuery(catalogue, host.location.search);
  const known = toQuery(catalogue, store.configuration());
  if (!asked) store.report('start');
  else if (toQuery(catalogue, asked) !== known) {
    store.open(asked, toQuery(catalogue, asked).includes('&') ? 'load' : 'start');
  } else store.report('start');
};

/** `/konfigurator`: the drawing, the options and the price. */
export const configurator = (context: Context, notice: Notice): View => {
  const { analytics, catalogue, host, storage, store } = context;
  const text = context.text();
  openAddress(context);
  const house = () => houseOf(catalogue, store.configuration().model, store.configuration().options);
  const scene = createScene('scene', house(), describeHouse(context));
  const parts = [
    modelGroup(context),
    ...catalogue.groups.map((group) =>
      group.unit ? quantityGroup(context, group) : optionGroup(context, group),
    ),
  ];
  const bar = priceBar(context);
  const query = (): string => toQuery(catalogue, store.configuration());

  const update = (): void => {
    scene.update(house(), describeHouse(context));
    for (const part of [...parts, bar]) part.update();
    // The address holds the house: reload, back and bookmarks work without storing anything.
    host.history.replaceState(null, '', context.address('/konfigurator'));
  };
  host.history.replaceState(null, '', context.address('/konfigurator'));
  const unsubscribe = store.subscribe(update);

  const save = (): void => {
    const id = host.crypto.randomUUID();
    const stored = storage.save({ id, savedAt: Date.now(), query: query() });
    if (stored) store.report('save', id);
    notice.show(stored ? text.configurator.saved : text.configurator.notSaved);
  };
  const share = async (): Promise<void> => {
    const url = new URL(context.address('/konfigurator'), host.location.href).href;
    try {
      await host.navigator.clipboard.writeText(url);
      notice.show(text.configurator.shared);
    } catch {
      // No clipboard without a secure context or permission; the address bar holds the same link.
      notice.show(text.configurator.sharedByHand);
    }
    store.report('share');
  };
  analytics.ready();

  return {
    title: `${text.configurator.title} · ${text.brand}`,
    leave: unsubscribe,
    element: h(
      'div',
      { class: 'configurator' },
      h('div', { class: 'stage' }, scene.element),
      h(
        'div',
        { class: 'panel-column' },
        h(
          'div',
          { class: 'panel-head' },
          h('h1', {}, text.configurator.title),
          h(
            'div',
            { class: 'panel-actions' },
            h(
              'button',
              { type: 'button', class: 'quiet', 'data-lintel': 'configurator:save', click: save },
              text.configurator.save,
            ),
            h(
              'button',
              {
                type: 'button',
                class: 'quiet',
                'data-lintel': 'configurator:share',
                click: () => void share(),
              },
              text.configurator.share,
            ),
          ),
        ),
        h(
          'form',
          { class: 'groups', submit: (event: Event) => event.preventDefault() },
          ...parts.map(({ element }) => element),
        ),
        bar.element,
      ),
    ),
  };
};
