import bundled from './catalogue.json' with { type: 'json' };

/** Surcharge of an option: one amount for every model, or one per model id. Minor units. */
export type PriceCents = number | Record<string, number>;

export interface Model {
  id: string;
  title: string;
  /** Price of the model without any option, minor units. */
  priceCents: number;
  areaSquareMetres: number;
  modules: number;
  rooms: number;
  description: string;
}

export interface Option {
  id: string;
  title: string;
  description: string;
  priceCents: PriceCents;
  /** Models that can have it; absent means all. */
  models?: string[];
}

export interface Group {
  id: string;
  title: string;
  /** Set when the options count things, in ascending order; drawn as a stepper. */
  unit?: string;
  options: Option[];
}

export interface Catalogue {
  version: string;
  currency: string;
  models: Model[];
  groups: Group[];
}

export const BUNDLED_CATALOGUE: Catalogue = bundled;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isPrice = (value: unknown): boolean =>
  Number.isInteger(value) || (isRecord(value) && Object.values(value).every(Number.isInteger));

const isEntry = (value: unknown): value is Record<string, unknown> =>
  isRecord(value) && typeof value['id'] === 'string' && typeof value['title'] === 'string';

/** True when prices and names of `value` can be shown; a catalogue of another shape is not half used. */
export const isCatalogue = (value: unknown): value is Catalogue => {
  if (!isRecord(value) || typeof value['version'] !== 'string' || typeof value['currency'] !== 'string')
    return false;
  const { models, groups } = value;
  if (!Array.isArray(models) || models.length === 0 || !Array.isArray(groups)) return false;
  return (
    models.every((model) => isEntry(model) && Number.isInteger(model['priceCents'])) &&
    groups.every(
      (group) =>
        isEntry(group) &&
        Array.isArray(group['options']) &&
        group['options'].length > 0 &&
        group['options'].every((option) => isEntry(option) && isPrice(option['priceCents'])),
    )
  );
};

/**
 * Prices of the collector; the bundled ones when it does not answer with a catalogue in time.
 * @param request defaults to `fetch`   @param timeoutMs after which the bundled prices stand
 */
export const loadCatalogue = async (
  url: string,
  { request = fetch, timeoutMs = 4000 }: { request?: typeof fetch; timeoutMs?: number } = {},
): Promise<Catalogue> => {
  try {
    const answer = await request(url, { credentials: 'omit', signal: AbortSignal.timeout(timeoutMs) });
    const body: unknown = answer.ok ? await answer.json() : null;
    return isCatalogue(body) ? body : BUNDLED_CATALOGUE;
  } catch {
    // Offline, blocked or too slow: a visitor who cannot reach the collector still sees prices.
    return BUNDLED_CATALOGUE;
  }
};
