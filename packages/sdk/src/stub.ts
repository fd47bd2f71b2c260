/** What the stub of the script tag did before the SDK came; its names are short because the stub is. */
export interface Stub {
  /** Its queue: events of the wire in the order in which it numbers them, and answers of the banner. */
  q: [at: number, type: string, fields?: object | string][];
  /** Its stream. */
  s: string;
  /** The queue is taken over. */
  v?: number;
  /** The queue was posted already, at level `none`. */
  p?: Promise<unknown>;
}
