import { Redis, type RedisOptions } from 'ioredis';
import type { Log } from '../log.js';
import type { Exchange } from './exchange.js';

const CHANNEL = 'lintel:limits';

/** Every doubt is a loss of one message: a limit that is a second late does no harm, a queue that grows would. */
const OPTIONS: RedisOptions = {
  connectTimeout: 1000,
  maxRetriesPerRequest: 0,
  enableOfflineQueue: false,
  enableReadyCheck: false,
  autoResubscribe: false,
  retryStrategy: (times) => Math.min(1000, 20 * 2 ** Math.min(times, 6)),
};

/** A Redis that is stopped answers nothing and closes nothing. */
const ANSWER_MS = 5000;

/**
 * Over the Redis of the buffer, by PUBLISH: what is published is neither kept nor written to its log. Two connections,
 * because one that subscribes can do nothing else. Redis away: messages are lost until it is back.
 */
export const openRedisExchange = (url: string, log: Log): Exchange => {
  const publisher = new Redis(url, {
    ...OPTIONS,
    commandTimeout: ANSWER_MS,
    connectionName: 'lintel-limits',
  });
  const subscriber = new Redis(url, { ...OPTIONS, connectionName: 'lintel-limits-heard' });
  let reached: boolean | null = null;
  let closed = false;
  let subscribed = false;
  let unanswered = false;

  const say = (now: boolean, error = ''): void => {
    if (closed || now === reached) return;
    reached = now;
    if (now) log.info('limits.shared');
    else log.warn('limits.local_only', { error });
  };
  const failed = ({ message }: Error): void => say(false, message);
  publisher.on('error', failed);
  subscriber.on('error', failed);
  subscriber.on('close', () => {
    subscribed = false;
    say(false, 'the connection was closed');
  });
  subscriber.on('ready', () => {
    subscriber.subscribe(CHANNEL).then(() => {
      subscribed = true;
      say(true);
    }, failed);
  });

  return {
    send: (message) => {
      if (publisher.status !== 'ready' || unanswered) return;
      unanswered = true;
      publisher
        .publish(CHANNEL, message)
        .then(
          () => {
            if (subscribed) say(true);
          },
          (error: Error) => {
            failed(error);
            if (closed || error.name === 'ReplyError') return;
            // its address may lead nowhere by now, and the one that listens would not notice
            publisher.disconnect(true);
            subscriber.disconnect(true);
          },
        )
        .finally(() => {
          unanswered = false;
        });
    },
    onMessage: (listener) => {
      subscriber.on('message', (_channel, message) => listener(message));
    },
    close: () => {
      closed = true;
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
};
