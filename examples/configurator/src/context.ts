import type { Analytics } from './analytics.js';
import type { Catalogue } from './catalogue.js';
import { modelOf, toQuery } from './configuration.js';
import type { Contact } from './inquiry.js';
import { formatCents } from './money.js';
import type { House } from './scene/index.js';
import type { Storage } from './storage.js';
import type { Store } from './store.js';
import { TEXTS, type Language, type Text } from './text/index.js';

/** What every view and component may ask for. */
export interface Context {
  host: Window;
  catalogue: Catalogue;
  store: Store;
  analytics: Analytics;
  storage: Storage;
  collector: { origin: string; key: string };
  language(): Language;
  text(): Text;
  /** Price in the visitor's language. */
  money(cents: number): string;
  /** Address of a path with the present configuration (or the given query) and language. */
  address(path: string, query?: string): string;
  /** Goes to an address; `arrival` is handed to the view that opens, and to no later one. */
  go(address: string, arrival?: Arrival): void;
  arrival(): Arrival | null;
}

/** How an inquiry ended: with the collector's id, or as an e-mail still to be sent. */
export type Arrival = { kind: 'accepted'; id: string } | { kind: 'mail'; contact: Contact };

export const createContext = (parts: Omit<Context, 'text' | 'money' | 'address'>): Context => ({
  ...parts,
  text: () => TEXTS[parts.language()],
  money: (cents) => formatCents(cents, parts.language(), parts.catalogue.currency),
  address: (path, query = toQuery(parts.catalogue, parts.store.configuration())) => {
    const language = parts.language() === 'en' ? 'lang=en' : '';
    const search = [query, language].filter(Boolean).join('&');
    return search ? `${path}?${search}` : path;
  },
});

/** What the drawing shows of a configuration. */
export const houseOf = (
  catalogue: Catalogue,
  model: string,
  options: Readonly<Record<string, string>>,
): House => ({
  modules: modelOf(catalogue, model).modules,
  facade: options['facade'] ?? 'trapezoid',
  interior: options['interior'] ?? 'raw',
  floor: options['floor'] ?? 'raw',
  windows: options['windows'] ?? 'pvc',
  panels: Number(options['photovoltaics'] ?? 0),
  heating: options['heating'] ?? 'infrared',
});
