/** The body of an answer, as far as anybody may believe it. */
export interface Answer {
  accepted?: unknown;
  duplicate?: unknown;
  rejected?: unknown;
  reason?: unknown;
}

/** What every request has in common: no preflight, no cookie. */
export const requestInit = (body: BodyInit, more: RequestInit): RequestInit => ({
  method: 'POST',
  body,
  mode: 'cors',
  credentials: 'omit',
  headers: { 'Content-Type': 'text/plain' },
  ...more,
});

/** Reads an answer to its end: unread ones keep Chromium's quota for keepalive occupied. */
export const answerOf = async (response: Response): Promise<Answer | undefined> => {
  const text = await response.text();
  try {
    return (JSON.parse(text) as Answer | null) ?? undefined;
  } catch {
    // a portal's page, a proxy's error: no answer
    return undefined;
  }
};

/** Whether the collector answered for each of `sent` events. */
export const isSettled = (status: number, body: Answer | undefined, sent: number): boolean => {
  const { accepted, duplicate, rejected } = body ?? {};
  const counts = [accepted, duplicate, (rejected as unknown[] | undefined)?.length] as number[];
  return status === 202 && counts.every(Number.isInteger) && counts[0]! + counts[1]! + counts[2]! === sent;
};
