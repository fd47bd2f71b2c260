import type { Row } from './row.js';

export type Bytes = Uint8Array<ArrayBuffer>;
/** A request body and what must stand behind the address: `?z=gzip` or nothing. */
export interface Body {
  body: Bytes | string;
  query: string;
  /** That travel, at most. */
  bytes: number;
  /** Of bytes; a browser knows the type of text. */
  headers?: Record<string, string>;
}

const TAIL = ']}';
/** Most bytes of a UTF-16 unit in UTF-8: nothing has to be encoded to know that a body fits. */
export const WIDEST = 3;

/**
 * A body of rows that are text: what there is before the compressor came, and in the task in which a page dies.
 * @param head the batch up to and with `"events":[`
 */
export const plainBody = (head: string, rows: readonly Row[]): Body => {
  const body = head + rows.map(({ t }) => t).join() + TAIL;
  return { body, query: '', bytes: WIDEST * body.length };
};
