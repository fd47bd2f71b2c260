import { createClient } from './client.js';
import { endpointOf } from './endpoint.js';
import { inertClient } from './inert.js';
import { registered } from './registry.js';
import type { EventMap, Lintel, Options } from './types.js';

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

/**
 * The one entry. Same key → same client, even if two copies are loaded; without a `document` an inert client.
 * Never throws.
 */
export const init = <E extends EventMap = EventMap>(options: Options): Lintel<E> => {
  if (typeof document === 'undefined') return inertClient() as Lintel<E>;
  return registered(options.key, () =>
    createClient(options, {
      endpoint: endpointOf(options.endpoint ?? '/', location.href),
      captures: [],
      late: [() => import('./extras.js')],
    }),
  ) as Lintel<E>;
};
