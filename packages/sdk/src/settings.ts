import type { Settings } from '@lintel/protocol/types';
import type { Cold } from './identity/index.js';

const CACHED = 'settings';

/**
 * Settings: fresh, else cached, else none. Nobody waits for them but experiments.
 * @param told called with each state that becomes known
 */
export const readSettings = async (
  fetch: (url: string) => Promise<Response>,
  url: string,
  cold: Cold | null,
  told: (settings: Settings) => void,
): Promise<void> => {
  let fresh = false;
  const cached = cold
    ?.get<Settings>(CACHED)
    .then((settings) => settings && !fresh && told(settings))
    .catch(() => {});
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(String(response.status));
    const settings = (await response.json()) as Settings;
    fresh = true;
    told(settings);
    await cold?.set(CACHED, settings);
  } catch {
    await cached;
  }
};
