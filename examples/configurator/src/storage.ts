import type { ConsentLevel } from './analytics.js';

/**
 * What this site keeps on the device: the answer to the consent question, after it was given, and configurations the
 * visitor saved by a click. Both are strictly necessary for what was asked for; nothing else is stored here.
 */
const CONSENT = 'waldnest.consent';
const SAVED = 'waldnest.saved';

export interface SavedConfiguration {
  id: string;
  savedAt: number;
  query: string;
}

export interface Storage {
  consent(): ConsentLevel | null;
  rememberConsent(level: ConsentLevel): void;
  saved(): SavedConfiguration[];
  /** False when the browser refuses to store (private mode, full). */
  save(entry: SavedConfiguration): boolean;
  forget(id: string): void;
}

const isSaved = (value: unknown): value is SavedConfiguration => {
  const entry = value as Partial<SavedConfiguration> | null;
  return (
    typeof entry?.id === 'string' && typeof entry.query === 'string' && typeof entry.savedAt === 'number'
  );
};

export const createStorage = (host: Window): Storage => {
  const read = (key: string): string | null => {
    try {
      return host.localStorage.getItem(key);
    } catch {
      // Storage can be forbidden by the browser; the page works without.
      return null;
    }
  };
  const write = (key: string, value: string): boolean => {
    try {
      host.localStorage.setItem(key, value);
      return true;
    } catch {
      return false; // see `read`; the caller tells the visitor
    }
  };
  const saved = (): SavedConfiguration[] => {
    try {
      const entries: unknown = JSON.parse(read(SAVED) ?? '[]');
      return Array.isArray(entries) ? entries.filter(isSaved) : [];
    } catch {
      return []; // written by somebody else
    }
  };
  return {
    consent: () => {
      const level = read(CONSENT);
      return level === 'none' || level === 'statistics' || level === 'all' ? level : null;
    },
    rememberConsent: (level) => void write(CONSENT, level),
    saved,
    save: (entry) =>
      write(
        SAVED,
        JSON.stringify([entry, ...saved().filter(({ query }) => query !== entry.query)].slice(0, 20)),
      ),
    forget: (id) => void write(SAVED, JSON.stringify(saved().filter((entry) => entry.id !== id))),
  };
};
