export interface LedgerRow {
  site: number;
  accepted: number;
  stored: number;
  buffered: number;
  deadLettered: number;
  difference: number;
}

/** An answer of `/api/admin/analytics/<question>`; only what tests read is typed. */
export interface Answer<Data> {
  question: string;
  freshnessSeconds: number | null;
  warnings: { code: string; text: string }[];
  data: Data;
}

export interface Admin {
  /** @throws Error with the problem document when it is refused */
  ask<Data>(question: string, parameters?: Record<string, string | readonly string[]>): Promise<Answer<Data>>;
  ledger(): Promise<LedgerRow[]>;
  /** Sum of a metric's samples whose labels fit, 0 when there is none. */
  metric(name: string, labels?: Record<string, string>): Promise<number>;
}

const SAMPLE = /^(\w+)(?:\{(.*)\})? (\S+)$/;

/** The admin port with the owner's token. */
export const createAdmin = (url: string, token: string): Admin => {
  const get = async (path: string): Promise<Response> => {
    const response = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  return {
    ask: async <Data>(question: string, parameters: Record<string, string | readonly string[]> = {}) => {
      const query = new URLSearchParams();
      for (const [name, value] of Object.entries(parameters))
        for (const one of typeof value === 'string' ? [value] : value) query.append(name, one);
      const response = await get(`/api/admin/analytics/${question}?${query.toString()}`);
      return (await response.json()) as Answer<Data>;
    },
    ledger: async () => {
      const { ledger } = (await (await get('/api/admin/ledger')).json()) as { ledger: LedgerRow[] };
      return ledger;
    },
    metric: async (name, labels = {}) => {
      const text = await (await get('/metrics')).text();
      return text.split('\n').reduce((sum, line) => {
        const [, found, pairs = '', value] = SAMPLE.exec(line) ?? [];
        const fits = Object.entries(labels).every(([label, want]) => pairs.includes(`${label}="${want}"`));
        return found === name && fits ? sum + Number(value) : sum;
      }, 0);
    },
  };
};
