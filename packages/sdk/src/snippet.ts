import { chunkLoader } from './chunk.js';
import { createClient } from './client.js';
import { endpointOf } from './endpoint.js';
import { kit } from './kit.js';
import { registered } from './registry.js';
import type { Stub } from './stub.js';
import type { Level, Lintel } from './types.js';

/** Hash of the first chunk by file, written in by the build; it brings the hash of the next one. */
declare const __INTEGRITY__: Record<string, string>;

type Host = Window & { lintel?: Partial<Stub> | Lintel };

const list = (text: string | undefined): string[] | undefined => text?.split(/[\s,]+/).filter(Boolean);

/** The tag's attributes become options, the stub's queue the first events, and `window.lintel` the client. */
const begin = (host: Host, { dataset, src, nonce }: HTMLScriptElement): void => {
  const { key, consent, hold, query, unit, endpoint, capture } = dataset;
  const wanted = list(capture);
  const isWanted = (name: string): boolean => wanted?.includes(name) ?? true;
  const load = chunkLoader(__INTEGRITY__, src, nonce!, kit);
  const stub = host.lintel as Stub | undefined;
  const queue = stub?.q;
  // the stub looks at it before it posts: from here on the queue is ours
  if (queue) stub.v = 1;
  const address = endpointOf(endpoint ?? new URL(src).origin, location.href);
  const options = {
    key: key!,
    consent: consent as Level,
    holdMs: +hold!,
    hash: 'hash' in dataset,
    query: list(query)!,
    debug: 'debug' in dataset,
    console: 'console' in dataset,
    unit: unit!,
  };
  const loads = [() => load('lintel-signals.js')];
  if (isWanted('vitals')) loads.push(() => load('lintel-vitals.js'));
  const client = registered(key!, () => createClient(options, address, loads, isWanted, queue && stub));
  host.lintel = client;
  for (const [, type, level] of queue ?? []) if (type === 'consent') void client.consent(level as Level);
};

const tag = (document.currentScript ??
  document.querySelector('script[data-key]')) as HTMLScriptElement | null;
try {
  if (tag?.dataset['key']) begin(window as Host, tag);
} catch {
  // whatever this browser lacks, the page goes on, with the stub it has
}
