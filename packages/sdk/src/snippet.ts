import type { EventType } from '@lintel/protocol/types';
import { chunkLoader } from './chunk.js';
import { createClient } from './client.js';
import { endpointOf } from './endpoint.js';
import { isLevel } from './identity/index.js';
import { kit } from './kit.js';
import { registered } from './registry.js';
import type { Level, Lintel, Options } from './types.js';

declare const __INTEGRITY__: readonly (readonly [name: string, hash: string])[];

/** What the stub of the script tag left: a queue of calls, a stream, and what it posted already. */
interface Stub {
  q: [at: number, type: string, fields?: object | string][];
  s: string;
  v?: number;
  p?: Promise<unknown>;
}
type Host = Window & { lintel?: Partial<Stub> | Lintel };

const list = (text: string | undefined): string[] | undefined => text?.split(/[\s,]+/).filter(Boolean);

/** The tag's attributes become options, the stub's queue the first events, and `window.lintel` the client. */
const begin = (host: Host, { dataset, src, nonce }: HTMLScriptElement): void => {
  const { key, consent, hold, query, unit, endpoint, capture } = dataset;
  const options: Options = {
    key: key!,
    consent: isLevel(consent) ? consent : 'none',
    holdMs: +hold! || 0,
    hash: 'hash' in dataset,
    query: list(query) ?? [],
    debug: 'debug' in dataset,
    console: 'console' in dataset,
    ...(unit && { unit }),
  };
  const stub = (host.lintel ?? {}) as Partial<Stub>;
  const { q: queue = [], s: stream, p: posted } = stub;
  const wanted = list(capture);
  const isWanted = (name: string): boolean => wanted?.includes(name) ?? true;
  const address = (name: string): string => new URL(`lintel-${name}.js`, src).href;
  const hashes = Object.fromEntries(__INTEGRITY__.map(([name, hash]) => [address(name), hash]));
  const load = chunkLoader(hashes, nonce ?? '', kit);
  // the stub looks at it before it posts: from here on the queue is ours
  if (stream) stub.v = 1;
  const client = registered(options.key, () =>
    createClient(options, {
      endpoint: endpointOf(endpoint ?? new URL(src).origin, location.href),
      parts: [],
      late: ['signals', ...(isWanted('vitals') ? ['vitals'] : [])].map((name) => () => load(address(name))),
      wanted: isWanted,
      early: stream
        ? {
            stream,
            posted: !!posted,
            events: queue
              .filter(([, type]) => type !== 'consent')
              .map(([at, type, fields]) => [at, type as EventType, (fields ?? {}) as object]),
          }
        : undefined,
    }),
  );
  host.lintel = client;
  for (const [, type, level] of queue) if (type === 'consent') void client.consent(level as Level);
};

const tag = (document.currentScript ??
  document.querySelector('script[data-key]')) as HTMLScriptElement | null;
try {
  if (tag?.dataset['key']) begin(window as Host, tag);
} catch {
  // whatever this browser lacks, the page goes on, with the stub it has
}
