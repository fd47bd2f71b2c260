import type { Configuration } from './configuration.js';

export interface Contact {
  name: string;
  email: string;
  phone: string;
  postcode: string;
  message: string;
}

export interface Inquiry {
  contact: Contact;
  configuration: Configuration;
  priceCents: number;
  currency: string;
  /** A field people do not see; programs that fill everything do. */
  website: string;
  /** Since the form was shown. */
  elapsedMs: number;
}

export type Sent =
  { kind: 'accepted'; id: string } | { kind: 'refused' } | { kind: 'busy' } | { kind: 'unreachable' };

/**
 * Sends an inquiry to the collector.
 * @returns `unreachable` when nobody takes inquiries there: the visitor is offered an e-mail instead
 */
export const sendInquiry = async (
  url: string,
  key: string,
  { configuration, ...inquiry }: Inquiry,
  request: typeof fetch = fetch,
): Promise<Sent> => {
  try {
    const answer = await request(url, {
      method: 'POST',
      credentials: 'omit',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ key, ...inquiry, ...configuration }),
      signal: AbortSignal.timeout(15_000),
    });
    if (answer.status === 201) {
      const { id } = (await answer.json()) as { id: string };
      return { kind: 'accepted', id };
    }
    if (answer.status === 400 || answer.status === 413 || answer.status === 422) return { kind: 'refused' };
    return { kind: answer.status === 429 ? 'busy' : 'unreachable' };
  } catch {
    // Offline, blocked or timed out: not an error of this page.
    return { kind: 'unreachable' };
  }
};
