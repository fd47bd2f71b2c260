import type { CaptureContext } from './context.js';

const A_MINUTE = 10;
const MINUTE_MS = 60_000;
const A_STREAM = 50;

export interface Fault {
  kind: 'exception' | 'rejection' | 'resource' | 'csp' | 'manual' | 'console';
  name?: string | undefined;
  message: string;
  frames?: string[];
  handled?: boolean;
}
export interface Faults {
  tell(fault: Fault): void;
}

/**
 * Errors of all kinds: the first of a fingerprint at once, repeats as a count when the page hides; at most ten
 * fingerprints a minute and fifty a page.
 */
export const faults = (context: CaptureContext): Faults => {
  const { clock, clean } = context;
  const known = new Map<string, { fault: object; repeats: number }>();
  let minute: number[] = [];

  context.leaving(() => {
    for (const one of known.values()) {
      if (one.repeats) context.emit('error', { ...one.fault, count: Math.min(one.repeats, 65_535) });
      one.repeats = 0;
    }
  });
  return {
    tell({ message, name, ...rest }) {
      const fault = { ...rest, name: name?.slice(0, 128), message: clean(message).slice(0, 1024) };
      const print = [rest.kind, name, fault.message, rest.frames?.[0]].join('|');
      const seen = known.get(print);
      if (seen) {
        seen.repeats++;
        return;
      }
      const now = clock.tick();
      minute = minute.filter((at) => now - at < MINUTE_MS);
      if (minute.length >= A_MINUTE || known.size >= A_STREAM) return;
      minute.push(now);
      known.set(print, { fault, repeats: 0 });
      context.emit('error', { ...fault, count: 1, after: context.cause() });
    },
  };
};
