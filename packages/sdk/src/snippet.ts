import type { EventType } from '@lintel/protocol/types';
import { chunkLoader } from './chunk.js';
import { createClient, type Early } from './client.js';
import { endpointOf } from './endpoint.js';
import { isLevel } from './identity/index.js';
import { registered } from './registry.js';
import type { Level, Lintel, Options } from './types.js';

declare const __INTEGRITY__: Readonly<Record<'signals' | 'vitals', string>>;

/** What the stub of the script tag left: a queue of calls, a stream, and what it posted already. */
interface Stub {
  q: [at: number, type: string, fields?: object | string][];
  s: string;
  v?: number;
  p?: Promise<unknown>;
}
type Host = Window & { lintel?: Partial<Stub> | Lintel };

const list = (text: string | undefined): string[] | undefined => text?.split(/[\s,]+/).filter(Boolean);

const optionsOf = ({ dataset }: HTMLScriptElement): Options => ({
  key: dataset['key']!,
  consent: isLevel(dataset['consent']) ? dataset['consent'] : 'none',
  holdMs: Number(dataset['hold']) || 0,
  hash: 'hash' in dataset,
  query: list(dataset['query']) ?? [],
  debug: 'debug' in dataset,
  console: 'console' in dataset,
  ...(dataset['unit'] && { unit: dataset['unit'] }),
});

/** The tag's attributes become options, the stub's queue the first events, and `window.lintel` the client. */
const begin = (host: Host, tag: HTMLScriptElement): void => {
  const options = optionsOf(tag);
  const { q, s, p } = (host.lintel ?? {}) as Partial<Stub>;
  const wanted = list(tag.dataset['capture']);
  const base = new URL('.', tag.src).href;
  const sources = (['signals', 'vitals'] as const).map((name) => ({
    url: `${base}lintel-${name}.js`,
    integrity: __INTEGRITY__[name],
  }));
  const load = chunkLoader(sources, tag.nonce ?? '');
  const needed = wanted ? sources.filter((_, place) => (place ? wanted.includes('vitals') : true)) : sources;
  const early: Early | undefined =
    q && s
      ? {
          stream: s,
          posted: p !== undefined,
          events: q
            .filter(([, type]) => type !== 'consent')
            .map(([at, type, fields]) => [at, type as EventType, (fields ?? {}) as object] as const),
        }
      : undefined;
  // the stub looks at it before it posts: from here on the queue is ours
  if (s) (host.lintel as Stub).v = 1;
  const client = registered(options.key, () =>
    createClient(options, {
      endpoint: endpointOf(tag.dataset['endpoint'] ?? new URL(tag.src).origin, location.href),
      captures: [],
      late: needed.map((source) => () => load(source)),
      wanted: (name) => wanted?.includes(name) ?? true,
      early,
    }),
  );
  host.lintel = client;
  for (const [, type, level] of q ?? []) if (type === 'consent') void client.consent(level as Level);
};

const tag = (document.currentScript ??
  document.querySelector('script[data-key]')) as HTMLScriptElement | null;
if (tag?.dataset['key']) begin(window as Host, tag);
