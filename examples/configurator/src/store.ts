import type { Analytics, ConfigReason } from './analytics.js';
import type { Catalogue } from './catalogue.js';
import { choose, startConfiguration, totalCents, type Configuration } from './configuration.js';

export interface Store {
  configuration(): Configuration;
  totalCents(): number;
  /** Takes over a whole configuration: a model of the landing page, an address, a saved one. */
  open(configuration: Configuration, reason: ConfigReason): void;
  choose(group: string, option: string): void;
  /** Reports the configuration as it stands, without changing it. */
  report(reason: ConfigReason, id?: string): void;
  subscribe(listener: () => void): () => void;
}

/** Holds the configuration and tells Lintel about each change after the page shows it. */
export const createStore = (catalogue: Catalogue, analytics: Analytics): Store => {
  let configuration = startConfiguration(catalogue);
  const listeners = new Set<() => void>();
  const shared = { currency: catalogue.currency, catalogue: catalogue.version };
  const total = (): number => totalCents(catalogue, configuration);

  const report = (reason: ConfigReason, id?: string): void =>
    analytics.config({
      model: configuration.model,
      options: { ...configuration.options },
      priceCents: total(),
      ...shared,
      reason,
      ...(id === undefined ? {} : { id }),
    });
  const showPrice = (): void => {
    for (const listener of listeners) listener();
    analytics.price({ priceCents: total(), model: configuration.model, ...shared });
  };

  return {
    configuration: () => configuration,
    totalCents: total,
    report,
    open(next, reason) {
      configuration = next;
      report(reason);
      showPrice();
    },
    choose(group, option) {
      const previous = group === 'model' ? configuration.model : configuration.options[group]!;
      if (previous === option) return;
      const before = total();
      configuration = choose(catalogue, configuration, group, option);
      analytics.select({
        group,
        option,
        previous,
        priceDeltaCents: total() - before,
        catalogue: catalogue.version,
      });
      report('change');
      showPrice();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};
