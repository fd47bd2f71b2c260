import type { Capture } from './capture/context.js';
import { createClient } from './client.js';
import { endpointOf } from './endpoint.js';
import { inertClient } from './inert.js';
import { registered } from './registry.js';
import { createSignals } from './signals.js';
import type { Draft, EventMap, Lintel, Options } from './types.js';

export type { Capture, CaptureContext } from './capture/context.js';
export type {
  Choice,
  Configuration,
  Draft,
  Dropped,
  EventMap,
  Inquiry,
  Level,
  Lintel,
  Options,
  Props,
  Reason,
  Shown,
  Stats,
} from './types.js';

/** By the names that `/v1/settings` may switch off. */
const named = (captures: readonly Capture[]): Record<string, Capture> =>
  Object.fromEntries(captures.map((capture, place) => [capture.name || place, capture]));

/** With `debug` the site's own limits are told where they are broken; the validator comes when it is here. */
const watched = (options: Options): Options => {
  if (!options.debug) return options;
  let look: (draft: Draft) => void = () => {};
  void import('./debug.js').then(({ warn }) => (look = warn));
  return {
    ...options,
    before(draft) {
      const kept = options.before ? options.before(draft) : draft;
      if (kept) look(kept);
      return kept;
    },
  };
};

/**
 * The one entry. Same key → same client, even if two copies are loaded; without a `document` an inert client.
 * Never throws.
 */
export const init = <E extends EventMap = EventMap>(options: Options): Lintel<E> => {
  try {
    if (typeof document !== 'undefined')
      return registered(options.key, () =>
        createClient(
          watched(options),
          endpointOf(options.endpoint ?? '/', location.href),
          [() => import('./esm-late.js')],
          () => true,
          undefined,
          [{ join: createSignals, captures: named(options.capture ?? []) }],
        ),
      ) as Lintel<E>;
  } catch {
    // whatever this browser lacks, the page goes on
  }
  return inertClient() as Lintel<E>;
};
