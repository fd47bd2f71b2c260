import { performance } from 'node:perf_hooks';
import { Redis, type RedisOptions } from 'ioredis';
import { BadSettings } from '../errors.js';
import type { Log } from '../log.js';
import { classify, isFunctionMissing } from './redis-errors.js';
import type { Library } from './redis-library.js';

/** Arguments of a function: text, numbers and bytes. */
export type Argument = string | number | Buffer;

export interface Connection {
  readonly redis: Redis;
  /**
   * Calls a function of the library, loading the library when this Redis does not know it yet. Bulk answers are Buffers.
   * @throws {BufferUnavailable | StaleFence}
   */
  call(verb: string, keys: readonly Argument[], args: readonly Argument[]): Promise<unknown>;
  /**
   * The same, and resolves only when what the function wrote has left the memory of this Redis: a kill of it loses
   * nothing then.
   * @throws {BufferUnavailable | StaleFence} `unknown` when its disk is too slow for that
   */
  write(verb: string, keys: readonly Argument[], args: readonly Argument[]): Promise<unknown>;
  /** Loads the library, so that a mistake in it stops the boot. @throws {BufferUnavailable} */
  load(): Promise<void>;
  /** Any other command. @throws {BufferUnavailable} */
  command(name: string, ...args: Argument[]): Promise<unknown>;
  /** Milliseconds since the last answer of this Redis (or since the start), by a clock that nobody sets. */
  silentMs(): number;
  /** Resolves true once connected and ready, false after `ms`. */
  ready(ms: number): Promise<boolean>;
  close(): void;
}

/**
 * ioredis' defaults repeat a command by themselves after a broken connection (189 duplicates in 11,437 over 40 forced
 * disconnects, no error shown) and wait for ever for a stopped Redis. Here every doubt is an error.
 */
const options = (commandTimeoutMs: number): RedisOptions => ({
  // only behind `within`: for what this file sends past it
  commandTimeout: commandTimeoutMs + 2000,
  connectTimeout: 1000,
  maxRetriesPerRequest: 0,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  lazyConnect: true,
  retryStrategy: (times) => Math.min(1000, 20 * 2 ** Math.min(times, 6)),
});

/**
 * Rejects when no answer came in `ms`. The timer alone does not decide: after a pause of this process it fires before the
 * answer that lies in the socket is read, and an event loop that stood still would look like a Redis that does.
 */
const within = <T>(ms: number, answer: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      // sockets are read between the timers and this
      setImmediate(() => reject(new Error(`no answer in ${ms} ms`)));
    }, ms);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });

/** Redis itself holds its log back for no longer than two seconds; a call is made twice before it is given up. */
const HELD_BACK_MS = 1000;
const HELD_BACK_POLL_MS = 5;

export const connect = (
  url: string,
  library: Library,
  { commandTimeoutMs, name, log }: { commandTimeoutMs: number; name: string; log: Log },
): Connection => {
  const redis = new Redis(url, { ...options(commandTimeoutMs), connectionName: `lintel-${name}` });
  // without a listener an error event would end the process; the calls' own errors tell what is wrong
  redis.on('error', (error: Error) => {
    log.debug('redis.connection', { name, error: error.message });
  });
  redis.connect().catch(() => {
    // retryStrategy goes on; `ready` tells
  });

  const load = async (): Promise<void> => {
    try {
      await redis.call('FUNCTION', 'LOAD', 'REPLACE', library.code);
    } catch (error) {
      throw classify(error);
    }
  };

  let answeredAt = performance.now();
  const heard = <T>(answer: T): T => {
    answeredAt = performance.now();
    return answer;
  };
  const failed = (error: unknown): Error => {
    // a refusal is an answer, too
    if ((error as Error).name === 'ReplyError') heard(error);
    return classify(error);
  };

  const fcall = (verb: string, keys: readonly Argument[], args: readonly Argument[]): Promise<unknown> =>
    within(
      commandTimeoutMs,
      redis.callBuffer('FCALL', [library.functionName(verb), keys.length, ...keys, ...args]),
    );
  /** True while an fsync is under way: until it ends, what Redis executes and answers stays in its memory. */
  const holdsBack = async (): Promise<boolean> =>
    /^aof_pending_bio_fsync:[1-9]/m.test(
      String(await within(commandTimeoutMs, redis.call('INFO', 'persistence'))),
    );
  /**
   * With `appendfsync everysec` Redis answers while its log waits for an fsync, in memory, up to two seconds: a kill then
   * loses what was acknowledged (`flushAppendOnlyFile` in its aof.c; seen with 10 of 12). Its log is written before the
   * answers of the same turn go out, so an INFO behind the call that finds no fsync under way says that it is written.
   */
  const written = async (): Promise<void> => {
    for (const until = performance.now() + HELD_BACK_MS; await holdsBack();) {
      if (performance.now() >= until) throw new Error(`Redis holds its log back for ${HELD_BACK_MS} ms`);
      await new Promise((resolve) => setTimeout(resolve, HELD_BACK_POLL_MS));
    }
  };

  const withLibrary = async (run: () => Promise<unknown>): Promise<unknown> => {
    try {
      return heard(
        await run().catch(async (error: unknown) => {
          if (!isFunctionMissing(error)) throw error;
          await load();
          return run();
        }),
      );
    } catch (error) {
      throw failed(error);
    }
  };

  return {
    redis,
    silentMs: () => performance.now() - answeredAt,
    call: (verb, keys, args) => withLibrary(() => fcall(verb, keys, args)),
    write: (verb, keys, args) =>
      withLibrary(async () => {
        // the first INFO goes out behind the call, on the same connection
        const [answer] = await Promise.all([fcall(verb, keys, args), written()]);
        return answer;
      }),
    load,
    command: async (command, ...args) => {
      try {
        return heard(await within(commandTimeoutMs, redis.callBuffer(command, args)));
      } catch (error) {
        throw failed(error);
      }
    },
    ready: (ms) =>
      new Promise((resolve) => {
        if (redis.status === 'ready') {
          resolve(true);
          return;
        }
        const done = (ready: boolean) => (): void => {
          clearTimeout(timer);
          redis.off('ready', onReady);
          resolve(ready);
        };
        const onReady = done(true);
        const timer = setTimeout(done(false), ms);
        redis.once('ready', onReady);
      }),
    close: () => {
      redis.disconnect();
    },
  };
};

/** What INFO says, as a map. */
export const readInfo = async (connection: Connection): Promise<Map<string, string>> => {
  const text = String(await connection.command('INFO', 'everything'));
  return new Map(
    text
      .split('\r\n')
      .filter((line) => line.includes(':'))
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  );
};

/** A managed Redis may refuse CONFIG: null. */
const readConfig = async (connection: Connection, name: string): Promise<string | null> => {
  try {
    const pair = (await connection.redis.call('CONFIG', 'GET', name)) as string[];
    return pair[1] ?? null;
  } catch (error) {
    if (/^(NOPERM|ERR unknown)/.test((error as Error).message)) return null;
    throw classify(error);
  }
};

/**
 * Refuses a Redis that would lose acknowledged rows: evicting, in memory only, or syncing never (RDB alone: 100,280
 * acknowledged, 0 left after kill -9).
 * @throws {BadSettings | BufferUnavailable}
 */
export const expectDurable = async (connection: Connection, log: Log): Promise<void> => {
  const info = await readInfo(connection);
  const version = info.get('redis_version') ?? '0';
  const refuse = (what: string): never => {
    throw new BadSettings(`the Redis of LINTEL_REDIS_URL ${what}`);
  };
  if (Number.parseInt(version, 10) < 7) refuse(`is version ${version}; 7 or newer is needed`);
  const policy = info.get('maxmemory_policy');
  if (policy !== 'noeviction')
    refuse(`has maxmemory-policy ${policy}; set noeviction, or waiting events are thrown away`);
  if (info.get('aof_enabled') !== '1')
    refuse('has appendonly no; set appendonly yes, or a crash loses waiting events');
  const sync = await readConfig(connection, 'appendfsync');
  if (sync === null) log.warn('redis.config_hidden', { assumed: 'appendfsync everysec or always' });
  if (sync === 'no') refuse('has appendfsync no; set everysec or always');
};
