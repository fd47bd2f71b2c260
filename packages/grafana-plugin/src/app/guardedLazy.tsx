import React, { lazy, Suspense, type ComponentType } from 'react';
import type { ResourceLoader } from '@grafana/i18n';
import { LoadingPlaceholder } from '@grafana/ui';
import { startTranslations } from './startTranslations';

const RELOADED = 'lintel-app.reloaded-for-chunk';
const RETRY_MS = 800;

export interface Guards {
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  reload: () => void;
  wait: (ms: number) => Promise<void>;
}

const browserGuards = (): Guards => ({
  storage: window.sessionStorage,
  reload: () => window.history.go(0),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
});

/**
 * Loads a chunk; a failure is tried once more. A second failure usually means that the plugin was upgraded under an
 * open page, whose old chunks are gone: the page reloads, once a session, because a reload that does not help would
 * loop for ever.
 * @throws what the import throws, when a reload has not helped
 */
export const loadGuarded = async <T,>(load: () => Promise<T>, guards: Guards): Promise<T> => {
  const attempt = async (): Promise<T> => {
    const loaded = await load();
    guards.storage.removeItem(RELOADED);
    return loaded;
  };
  try {
    return await attempt();
  } catch {
    await guards.wait(RETRY_MS);
  }
  try {
    return await attempt();
  } catch (error) {
    if (guards.storage.getItem(RELOADED) !== null) {
      throw error;
    }
    guards.storage.setItem(RELOADED, '1');
    guards.reload();
    // nothing is drawn between the call and the reload
    return new Promise<T>(() => undefined);
  }
};

/** A page's module: the page, and who brings the texts of the libraries it is made of. */
export interface LazyModule<P> {
  default: ComponentType<P>;
  texts?: readonly ResourceLoader[];
}

/** A lazy component that waits for its texts, too. */
export const guardedLazy = <P extends object>(load: () => Promise<LazyModule<P>>): ComponentType<P> => {
  const Lazy = lazy(async () => {
    // first of all: what is said about a chunk that fails needs its texts, too
    await startTranslations();
    const loaded = await loadGuarded(load, browserGuards());
    if (loaded.texts) {
      await startTranslations(loaded.texts);
    }
    return loaded;
  }) as unknown as ComponentType<P>;
  const Guarded = (props: P) => (
    <Suspense fallback={<LoadingPlaceholder text="" />}>
      <Lazy {...props} />
    </Suspense>
  );
  return Guarded;
};
