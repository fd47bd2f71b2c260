import type { Arm } from '@lintel/protocol/bucket';
import type { Cold } from './identity/index.js';

export interface Experiment {
  name: string;
  version: number;
  salt: string;
  /** Basis points of units that take part. */
  traffic: number;
  arms: Arm[];
}

/** What a site's operator decides without a new page: `GET /v1/settings`. */
export interface Settings {
  experiments?: Experiment[];
  /** Type → share that is sent. */
  sampling?: Record<string, number>;
  /** Signals that are switched off, by name. */
  off?: string[];
  /** Seconds of quiet. */
  pause?: number;
  /** Highest level. */
  level?: string;
  /** One stream in so many tells what the SDK costs. */
  health?: number;
}

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
