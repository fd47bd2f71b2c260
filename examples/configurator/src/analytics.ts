/**
 * The door to Lintel. The script tag may arrive late, never (blocked, offline), or before us; until it has arrived the
 * stub of `index.html` queues wire events, so no call here is lost and none can fail.
 */
export type ConsentLevel = 'none' | 'statistics' | 'all';
export type ConfigReason = 'start' | 'change' | 'save' | 'load' | 'share';

interface Choice {
  group: string;
  option: string;
  previous?: string;
  priceDeltaCents?: number;
  catalogue?: string;
}
interface Price {
  priceCents: number;
  currency?: string;
  model?: string;
  catalogue?: string;
}
interface Config extends Price {
  model: string;
  options: Record<string, string>;
  reason: ConfigReason;
  id?: string;
}
interface Inquiry {
  id?: string;
  model?: string;
  priceCents?: number;
}

/** What this page calls of the SDK's public interface. */
interface Client {
  select(choice: Choice): void;
  price(shown: Price): void;
  config(now: Config): void;
  inquiry(sent: Inquiry): void;
  track(name: string, props?: Record<string, string | number | boolean>): void;
  ready(): void;
  consent(level: ConsentLevel): Promise<void>;
  stats(): Record<string, unknown>;
}
type Stub = (type: string, fields?: object | string) => void;

declare global {
  interface Window {
    lintel?: Stub | Client;
  }
}

export interface Analytics extends Omit<Client, 'stats' | 'consent'> {
  consent(level: ConsentLevel): void;
  /** What the SDK says about itself, null before it has arrived. */
  stats(): Record<string, unknown> | null;
}

const isClient = (lintel: Stub | Client | undefined): lintel is Client =>
  lintel !== undefined && 'select' in lintel && typeof lintel.select === 'function';

export const createAnalytics = (host: Window): Analytics => {
  const send = (call: (client: Client) => void, type: string, fields?: object | string): void => {
    const { lintel } = host;
    if (isClient(lintel)) call(lintel);
    else lintel?.(type, fields);
  };
  return {
    select: (choice) => send((client) => client.select(choice), 'option_select', choice),
    price: (shown) => send((client) => client.price(shown), 'price_view', shown),
    config: (now) => send((client) => client.config(now), 'config', now),
    inquiry: (sent) => send((client) => client.inquiry(sent), 'inquiry', sent),
    track: (name, props) => send((client) => client.track(name, props), 'custom', { name, props }),
    ready: () => {
      // A duration since navigation: the stub cannot queue it, so it waits for the client.
      if (isClient(host.lintel)) host.lintel.ready();
      else
        host.document.querySelector('script[data-key]')?.addEventListener('load', () => {
          if (isClient(host.lintel)) host.lintel.ready();
        });
    },
    consent: (level) => send((client) => void client.consent(level), 'consent', level),
    stats: () => (isClient(host.lintel) ? host.lintel.stats() : null),
  };
};
