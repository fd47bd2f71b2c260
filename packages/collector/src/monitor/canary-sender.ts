import { createHash } from 'node:crypto';
import { request } from 'node:http';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';

export const MINUTE_MS = 60_000;
const MINUTES_A_DAY = 1440;
const RETRY_MS = 5000;
const ANSWER_MS = 10_000;
/** A program, and marked as one: roll-ups leave it out. */
const USER_AGENT = 'LintelCanaryBot/1';

export interface CanaryOptions {
  /** Of the public port, as this process reaches it. */
  origin: string;
  /** Key of the reserved site. */
  key: string;
  clock: Clock;
  log: Log;
}

export interface Canary {
  stop(): void;
}

/** One stream a UTC day, the same for every process of an installation: a UUID of version 8. */
const streamOf = (minute: number): string => {
  const day = Math.floor(minute / MINUTES_A_DAY);
  const hex = createHash('sha256').update(`lintel canary ${day}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/** @returns the status   @throws when no answer came */
const post = (origin: string, batch: object): Promise<number> =>
  new Promise((resolve, reject) => {
    const body = Buffer.from(JSON.stringify(batch));
    const outgoing = request(
      `${origin}/v1/events`,
      {
        method: 'POST',
        agent: false,
        headers: {
          'content-type': 'application/json',
          'content-length': body.length,
          'user-agent': USER_AGENT,
        },
        signal: AbortSignal.timeout(ANSWER_MS),
      },
      (response) => {
        response.resume();
        response.once('error', reject);
        response.once('end', () => resolve(response.statusCode ?? 0));
      },
    );
    outgoing.once('error', reject);
    outgoing.end(body);
  });

/**
 * Sends one event a minute through the public port, as a visitor would, the first one at once: what is seen of it in the
 * database has taken the whole path. Its number is the minute of the day, so however many processes send it is stored
 * once, and a hole is a minute in which nobody could take an event. What is put off is sent again until the minute is
 * over, with the time at which it was sent first.
 */
export const startCanary = ({ origin, key, clock, log }: CanaryOptions): Canary => {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  const later = (ms: number, act: () => Promise<void>): void => {
    if (!stopped) timer = setTimeout(() => void act(), ms).unref();
  };
  const untilNextMinute = (): number => MINUTE_MS - (clock.now() % MINUTE_MS);

  const send = async (minute: number, at: number): Promise<void> => {
    const events = [{ seq: minute % MINUTES_A_DAY, at, type: 'custom', name: 'canary' }];
    const batch = { key, sdk: 'canary', sentAt: clock.now(), stream: streamOf(minute), events };
    const outcome = await post(origin, batch).catch((error: unknown) => (error as Error).message);
    if (outcome === 202) {
      later(untilNextMinute(), begin);
      return;
    }
    const left = untilNextMinute();
    const thisMinute = Math.floor(clock.now() / MINUTE_MS) === minute && left > RETRY_MS;
    if (thisMinute) {
      later(RETRY_MS, () => send(minute, at));
      return;
    }
    if (!stopped) log.warn('canary.not_taken', { minute: new Date(at).toISOString(), outcome });
    later(left % MINUTE_MS, begin);
  };
  const begin = (): Promise<void> => {
    const now = clock.now();
    return send(Math.floor(now / MINUTE_MS), now);
  };

  void begin();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
};
