import type { Body } from './body.js';

/** The body of an answer, as far as anybody may believe it. */
export interface Answer {
  accepted?: unknown;
  duplicate?: unknown;
  rejected?: unknown;
  reason?: unknown;
}

/** What every request has in common: no preflight, no cookie. */
export const requestInit = ({ body, headers }: Body, more: RequestInit): RequestInit => ({
  method: 'POST',
  body,
  headers: headers!,
  credentials: 'omit',
  ...more,
});

/**
 * Reads an answer to its end: unread ones keep Chromium's quota for keepalive occupied.
 * @returns nothing of use for a portal's page or a proxy's error: that is no answer
 */
export const answerOf = (response: Response): Promise<Answer | null> =>
  (response.json() as Promise<Answer>).catch(() => null);

/** Whether the collector answered for each of `sent` events. */
export const isSettled = (status: number, answer: Answer | null, sent: number): boolean => {
  const { accepted, duplicate, rejected } = (answer ?? {}) as { [name: string]: number & unknown[] };
  return status === 202 && accepted! + duplicate! + Number(rejected?.length) === sent;
};
