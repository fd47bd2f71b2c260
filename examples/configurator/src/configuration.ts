import type { Catalogue, Group, Model, Option, PriceCents } from './catalogue.js';

/** What a visitor has chosen: a model, and one option of each group. */
export interface Configuration {
  model: string;
  options: Readonly<Record<string, string>>;
}

/** Surcharge of `price` for a model, minor units. */
export const priceFor = (price: PriceCents, model: string): number =>
  typeof price === 'number' ? price : (price[model] ?? 0);

export const modelOf = (catalogue: Catalogue, id: string): Model =>
  catalogue.models.find((model) => model.id === id) ?? catalogue.models[0]!;

/** Options of a group that the model can have. */
export const optionsFor = (group: Group, model: string): Option[] =>
  group.options.filter((option) => !option.models || option.models.includes(model));

export const optionOf = (catalogue: Catalogue, group: string, id: string | undefined): Option | undefined =>
  catalogue.groups.find((entry) => entry.id === group)?.options.find((option) => option.id === id);

/** Total price, minor units. */
export const totalCents = (catalogue: Catalogue, configuration: Configuration): number =>
  catalogue.groups.reduce((sum, group) => {
    const option = optionOf(catalogue, group.id, configuration.options[group.id]);
    return sum + (option ? priceFor(option.priceCents, configuration.model) : 0);
  }, modelOf(catalogue, configuration.model).priceCents);

/**
 * The nearest configuration the catalogue can build: unknown models and options become the first ones, a count that
 * is too large for the model becomes its largest.
 */
export const fit = (catalogue: Catalogue, wanted: Configuration): Configuration => {
  const model = modelOf(catalogue, wanted.model).id;
  const options: Record<string, string> = {};
  for (const group of catalogue.groups) {
    const possible = optionsFor(group, model);
    const asked = wanted.options[group.id];
    const known = group.options.some((option) => option.id === asked);
    const fallback = known && group.unit ? possible.at(-1) : possible[0];
    options[group.id] = (possible.find((option) => option.id === asked) ?? fallback)!.id;
  }
  return { model, options };
};

export const startConfiguration = (catalogue: Catalogue, model = ''): Configuration =>
  fit(catalogue, { model, options: {} });

/** `model=nest-120&facade=wood…`: the address of a configuration; options that cost nothing extra stay out. */
export const toQuery = (catalogue: Catalogue, { model, options }: Configuration): string => {
  const query = new URLSearchParams({ model });
  const start = startConfiguration(catalogue, model);
  for (const { id } of catalogue.groups) if (options[id] !== start.options[id]) query.set(id, options[id]!);
  return query.toString();
};

/** Reads an address made by `toQuery`; null when it names no model. */
export const fromQuery = (catalogue: Catalogue, search: string): Configuration | null => {
  const query = new URLSearchParams(search);
  const model = query.get('model');
  if (!model) return null;
  const entries = catalogue.groups.flatMap(({ id }) => (query.has(id) ? [[id, query.get(id)!]] : []));
  return fit(catalogue, { model, options: Object.fromEntries(entries) as Record<string, string> });
};

/** `configuration` with one choice changed, fitted to what can be built. */
export const choose = (
  catalogue: Catalogue,
  configuration: Configuration,
  group: string,
  option: string,
): Configuration =>
  group === 'model'
    ? fit(catalogue, { ...configuration, model: option })
    : fit(catalogue, { ...configuration, options: { ...configuration.options, [group]: option } });
