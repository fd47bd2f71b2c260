import { createHmac, randomBytes } from 'node:crypto';
import type { Answer } from '@lintel/protocol/types';
import type { Visit } from './recorder.js';

export interface ServerKey {
  id: string;
  secret: string;
}

export interface Progress {
  batches: number;
  events: number;
  /** How far the generated time has come, epoch ms. */
  at: number;
}

export interface SendOptions {
  /** Origin of the public port. */
  collectorUrl: string;
  serverKey: ServerKey;
  visits: Iterable<Visit>;
  /** Requests in flight. */
  concurrency: number;
  onProgress?: (progress: Progress) => void;
  request?: typeof fetch;
  /** Resolves after so many ms; tests turn time by hand. */
  wait?: (ms: number) => Promise<void>;
}

export interface SendResult {
  batches: number;
  accepted: number;
  duplicate: number;
  rejected: number;
}

/** The collector refused a batch, or could not be reached for long. */
export class TrafficError extends Error {
  constructor(
    readonly code: 'REFUSED' | 'UNREACHABLE',
    message: string,
  ) {
    super(message);
    this.name = 'TrafficError';
  }
}

/** Attempts without an answer, about four minutes with the waits between them. */
const ATTEMPTS = 12;
const MAX_WAIT_MS = 30_000;

/**
 * Headers of a server request.
 * @param secret of the server key   @param body exactly as it will be sent
 */
export const signatureHeaders = (
  { id, secret }: ServerKey,
  body: string,
  timestamp = Date.now(),
  nonce = randomBytes(16).toString('hex'),
): Record<string, string> => ({
  'lintel-key': `sk_${id}`,
  'lintel-timestamp': String(timestamp),
  'lintel-nonce': nonce,
  'lintel-signature': `v1=${createHmac('sha256', secret).update(`${timestamp}.${nonce}.${body}`).digest('hex')}`,
});

/** `Retry-After` in ms: seconds or a date; 1 s when it says nothing. */
const retryAfterMs = (value: string | null): number => {
  const seconds = Number(value ?? Number.NaN);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value ?? '') - Date.now();
  return Number.isFinite(ms) ? Math.min(MAX_WAIT_MS, Math.max(50, ms)) : 1000;
};

/**
 * Posts visits to the signed server route, in order of their start, several at a time. Repeating a run is harmless:
 * what the collector knows comes back as `duplicate`.
 * @throws {TrafficError} `REFUSED` on any answer but 202, 429 and 503; `UNREACHABLE` after twelve attempts
 */
export const sendTraffic = async ({
  collectorUrl,
  serverKey,
  visits,
  concurrency,
  onProgress,
  request = fetch,
  wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}: SendOptions): Promise<SendResult> => {
  const url = new URL('/v1/server/events', collectorUrl);
  const result: SendResult = { batches: 0, accepted: 0, duplicate: 0, rejected: 0 };
  let events = 0;

  const post = async ({ batch, userAgent }: Visit): Promise<Answer> => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      // The history is told today, as an outbox that was offline would: the clock of the batch is right, so the
      // collector does not shift its events.
      const body = JSON.stringify({ ...batch, sentAt: Date.now() });
      const headers = {
        'content-type': 'application/json',
        'user-agent': userAgent,
        ...signatureHeaders(serverKey, body),
      };
      let answer: Response;
      try {
        answer = await request(url, { method: 'POST', headers, body });
      } catch {
        await wait(Math.min(MAX_WAIT_MS, 250 * 2 ** attempt)); // restarting or not there yet
        continue;
      }
      if (answer.status === 202) return (await answer.json()) as Answer;
      const text = await answer.text();
      if (answer.status !== 429 && answer.status !== 503) {
        throw new TrafficError('REFUSED', `${answer.status} ${text.slice(0, 300)}`);
      }
      await wait(retryAfterMs(answer.headers.get('retry-after')));
    }
    throw new TrafficError('UNREACHABLE', `no answer from ${url.origin} after ${ATTEMPTS} attempts`);
  };

  const source = visits[Symbol.iterator]();
  let failed = false;
  const work = async (): Promise<void> => {
    for (let next = source.next(); !failed && !next.done; next = source.next()) {
      const answer = await post(next.value);
      result.batches++;
      result.accepted += answer.accepted;
      result.duplicate += answer.duplicate;
      result.rejected += answer.rejected.length;
      events += next.value.batch.events.length;
      onProgress?.({ batches: result.batches, events, at: next.value.at });
    }
  };
  const guarded = (): Promise<void> =>
    work().catch((error: unknown) => {
      failed = true;
      throw error;
    });
  await Promise.all(Array.from({ length: Math.max(1, concurrency) }, guarded));
  return result;
};
