import { ClickHouseError, ClickHouseUnreachable } from '../errors.js';

const CODE = /Code:\s*(\d+)\.\s*DB::/;
const MARK = '__exception__';

/** An answer that says no: ClickHouse's own code when there is one; without it a 5xx leaves the outcome open. */
export const refusal = (
  status: number,
  header: string | undefined,
  body: string,
): ClickHouseError | ClickHouseUnreachable => {
  const number = Number(header ?? CODE.exec(body)?.[1] ?? 0);
  const message = body.trim().split('\n', 1)[0]!.slice(0, 2000);
  if (number === 0 && status >= 500)
    return new ClickHouseUnreachable(`status ${status} without a code: ${message}`);
  return new ClickHouseError(number, message === '' ? `status ${status}` : message);
};

/**
 * Status 200 is sent before the last row is known, so a query that fails half-way ends its body with a block between
 * two `__exception__` lines that carries the tag of the answer's header; older servers end it with the bare text.
 * @param tail last bytes of the body   @param tag of the header `X-ClickHouse-Exception-Tag`
 */
export const exceptionInTail = (tail: string, tag: string | undefined): ClickHouseError | null => {
  const at = tag === undefined ? -1 : tail.lastIndexOf(`${MARK}\r\n${tag}\r\n`);
  const text = at >= 0 ? tail.slice(at + MARK.length + tag!.length + 4) : tag === undefined ? tail : '';
  const found = CODE.exec(text);
  if (!found) return at >= 0 ? new ClickHouseError(0, text.slice(0, 2000)) : null;
  return new ClickHouseError(Number(found[1]), text.slice(found.index).split('\n', 1)[0]!.slice(0, 2000));
};
