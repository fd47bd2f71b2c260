import type { IncomingMessage } from 'node:http';
import { LIMITS } from '@lintel/protocol';
import { tooLarge } from './head.js';
import type { Refusal } from './refusal.js';

export type Body = { kind: 'body'; bytes: Buffer } | { kind: 'gone' } | Refusal;

/**
 * Reads a body of at most `LIMITS.bodyBytes`, counting while it arrives; a chunked sender has no length to believe.
 * @param held called with the bytes of each chunk: the process counts what it holds
 * @returns `gone` when the sender hung up
 */
export const readBody = (request: IncomingMessage, held: (bytes: number) => void): Promise<Body> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      held(chunk.length);
      if (size > LIMITS.bodyBytes) {
        // stop reading; whoever answers decides how much more is thrown away
        request.pause();
        request.off('data', take);
        resolve(tooLarge());
        return;
      }
      chunks.push(chunk);
    };
    const end = (): void =>
      resolve({ kind: 'body', bytes: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size) });
    // comes after every end, too, when it says nothing new: taking it away each time would cost more
    const gone = (): void => resolve({ kind: 'gone' });
    request.on('data', take);
    request.on('end', end);
    request.on('close', gone);
    request.on('error', gone);
  });
