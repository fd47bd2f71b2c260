import { isAscii, isUtf8 } from 'node:buffer';
import { gunzipSync } from 'node:zlib';
import { LIMITS } from '@lintel/protocol';
import { tooLarge } from './head.js';
import { refuse, type Refusal } from './refusal.js';

export type Decoded =
  | {
      kind: 'decoded';
      value: unknown;
      /** Strings may hold a lone surrogate or a control character: they go through `cleanValue`. */
      dirty: boolean;
    }
  | Refusal;

/**
 * All gzip members of a body under one inflated limit. Synchronous because bounded: under a millisecond.
 * @returns the bytes, or why not
 */
export const inflate = (body: Buffer): Buffer | Refusal => {
  try {
    return gunzipSync(body, { maxOutputLength: LIMITS.bodyBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return tooLarge();
    return refuse(400, 'gzip', 'the body is not a complete gzip file');
  }
};

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Deepest nesting of `{` and `[` outside strings, by one pass over the bytes; stops past the limit, because 5,000
 * levels parse well and then break whoever writes them out again.
 */
const tooDeep = (bytes: Uint8Array): boolean => {
  let depth = 0;
  for (let at = 0; at < bytes.length; at++) {
    switch (bytes[at]) {
      case QUOTE:
        // skip the string: `indexOf` runs at memory speed, and only a backslash before the quote needs a closer look
        at = endOfString(bytes, at + 1);
        break;
      case 0x7b:
      case 0x5b:
        if (++depth > LIMITS.depth) return true;
        break;
      case 0x7d:
      case 0x5d:
        depth--;
        break;
    }
  }
  return false;
};

/** Place of the quote that ends a string, or the end of the bytes. */
const endOfString = (bytes: Uint8Array, from: number): number => {
  let at = from;
  for (; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at++;
  }
  return at;
};

/** Escapes that can spell a surrogate, a control character or delete. */
const ESCAPES = /\\(?:u(?:d[89a-f]|00[01]|007f)|[bfnrt])/i;
/** Combining marks begin at U+0300, lead byte 0xCC: below that nothing needs composing. */
const FIRST_COMPOSED = '\u0300';

const needsComposing = (text: string): boolean => {
  for (let at = 0; at < text.length; at++)
    if (text.charCodeAt(at) >= FIRST_COMPOSED.charCodeAt(0)) return true;
  return false;
};

const BYTE_ORDER_MARK = 0xfeff;

/** Text of UTF-8 bytes, or null when they are none. ASCII, the common case, needs no decoding. */
const textOf = (bytes: Buffer): string | null => {
  if (isAscii(bytes)) return bytes.toString('latin1');
  if (!isUtf8(bytes)) return null;
  const text = bytes.toString('utf8');
  const plain = text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
  return needsComposing(plain) ? plain.normalize('NFC') : plain;
};

/** Step 5: bytes → UTF-8 → depth → JSON. */
export const decode = (bytes: Buffer): Decoded => {
  const text = textOf(bytes);
  if (text === null) return refuse(400, 'utf8', 'the body must be UTF-8');
  if (tooDeep(bytes)) return refuse(400, 'depth', `objects and arrays may nest ${LIMITS.depth} deep`);
  try {
    const value = JSON.parse(text) as unknown;
    return { kind: 'decoded', value, dirty: text.includes('\\') && ESCAPES.test(text) };
  } catch {
    return refuse(400, 'json', 'the body must be JSON');
  }
};

const SPACES = /[\t\n\v\f\r]+/g;
const CONTROLS = /[\u0000-\u001f\u007f]/g;

/** A string the database can hold: well-formed, white space as single spaces, without control characters. */
export const cleanText = (text: string): string =>
  (text as string & { toWellFormed(): string }).toWellFormed().replace(SPACES, ' ').replace(CONTROLS, '');

/** The same value with every string and key cleaned. Depth is bounded by `decode`. */
export const cleanValue = (value: unknown): unknown => {
  if (typeof value === 'string') return cleanText(value);
  if (Array.isArray(value)) return value.map(cleanValue);
  if (typeof value !== 'object' || value === null) return value;
  // fromEntries defines properties: a key `__proto__` stays a key
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [cleanText(key), cleanValue(inner)]));
};
