import type { CaptureContext } from './context.js';
import { framesOf } from './stack.js';

const A_MINUTE = 10;
const MINUTE_MS = 60_000;
const A_STREAM = 50;
const REPEATS = 65_535;
/** So much of a message is looked at, and so much is kept. */
const READ = 4096;
const LENGTH = 1024;

/**
 * Tells that something went wrong.
 * @param reason what says `name`, `message` and `stack` as an `Error` does, or anything else that was thrown
 * @param more other fields of the event, and what is said after the message
 */
export type Tell = (
  kind: 'exception' | 'rejection' | 'resource' | 'csp' | 'manual' | 'console',
  reason: unknown,
  handled?: boolean,
  said?: string,
) => void;

/**
 * Errors of all kinds: the first of a fingerprint at once, repeats as a count when the page hides; at most ten
 * fingerprints a minute and fifty a page.
 */
export const faults = (context: CaptureContext): Tell => {
  const known = new Map<string, { count: number }>();
  const times: number[] = [];

  context.leaving(() => {
    for (const fault of known.values()) {
      if (fault.count) context.emit('error', fault);
      fault.count = 0;
    }
  });
  return (kind, reason, handled, said = '') => {
    const { name, message, stack } = Object(reason) as Partial<Error>;
    const fault = {
      kind,
      handled,
      name: name ? String(name).slice(0, 128) : undefined,
      message: context.clean((String(message ?? reason) + said).slice(0, READ)).slice(0, LENGTH),
      frames: framesOf(stack),
      count: 0,
    };
    const print = [kind, fault.name, fault.message, fault.frames[0]].join();
    const seen = known.get(print);
    if (seen) {
      seen.count = Math.min(seen.count + 1, REPEATS);
      return;
    }
    const now = context.clock.tick();
    if (known.size >= A_STREAM || times.at(-A_MINUTE)! > now - MINUTE_MS) return;
    times.push(now);
    known.set(print, fault);
    context.emit('error', { ...fault, count: 1, after: context.cause() });
  };
};
