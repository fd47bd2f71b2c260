import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { request, type Agent } from 'node:http';
import { SERVER_KEY, SITE } from './site.js';

export interface Reply {
  status: number;
  /** `accepted`, `duplicate`, `rejected` of an answer 202; `reason` of a refusal. */
  body: {
    accepted?: number;
    duplicate?: number;
    rejected?: { seq: number | null; reason: string }[];
    reason?: string;
  };
  headers: Record<string, unknown>;
}

export interface Sent {
  path?: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  agent?: Agent;
}

/** A stopped process does not answer and does not hang up. */
const SILENCE_MS = 60_000;

/** One request as bytes: `fetch` would mend or refuse what some tests send. @throws Error when no answer came */
export const send = (origin: string, sent: Sent): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const body = sent.body === undefined ? undefined : Buffer.from(sent.body);
    const outgoing = request(
      {
        host: hostname,
        port,
        method: sent.method ?? 'POST',
        path: sent.path ?? '/v1/events',
        agent: sent.agent ?? false,
        headers: { ...(body ? { 'content-length': String(body.length) } : {}), ...sent.headers },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('error', reject);
        // cut in the middle: whoever waits for the rest would wait for ever
        response.on('close', () => reject(new Error('the answer was cut')));
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const json = text.startsWith('{') ? (JSON.parse(text) as Reply['body']) : {};
          resolve({ status: response.statusCode!, body: json, headers: response.headers });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.setTimeout(SILENCE_MS, () => outgoing.destroy(new Error('no answer')));
    outgoing.end(body);
  });

/** A batch with the envelope's fields filled in. */
export const aBatch = (fields: Record<string, unknown>): Record<string, unknown> => ({
  key: SITE.key,
  sdk: '0.0.0-test',
  sentAt: Date.now(),
  stream: randomUUID(),
  events: [],
  ...fields,
});

/** Posts a batch as a browser would. */
export const post = (
  origin: string,
  batch: Record<string, unknown>,
  options: Pick<Sent, 'headers' | 'agent'> = {},
): Promise<Reply> =>
  send(origin, {
    ...options,
    headers: { 'content-type': 'text/plain;charset=UTF-8', ...options.headers },
    body: JSON.stringify(batch),
  });

/** Posts a batch over the server route, signed with the shop's key. */
export const postSigned = (
  origin: string,
  batch: Record<string, unknown>,
  options: Pick<Sent, 'agent'> = {},
): Promise<Reply> => {
  const body = JSON.stringify(batch);
  const [timestamp, nonce] = [String(Date.now()), randomBytes(16).toString('hex')];
  const signature = createHmac('sha256', SERVER_KEY.secret)
    .update(`${timestamp}.${nonce}.${body}`)
    .digest('hex');
  return send(origin, {
    ...options,
    path: '/v1/server/events',
    headers: {
      'content-type': 'application/json',
      'lintel-key': `sk_${SERVER_KEY.id}`,
      'lintel-timestamp': timestamp,
      'lintel-nonce': nonce,
      'lintel-signature': `v1=${signature}`,
    },
    body,
  });
};
