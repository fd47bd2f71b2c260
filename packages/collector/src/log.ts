import winston from 'winston';
import { createLogSink } from './log-sink.js';

export type Fields = Record<string, unknown>;

/** Logs are events with fields: `log.warn('flush.retry', { shard, batch, code })`. No payloads, no addresses. */
export interface Log {
  debug(event: string, fields?: Fields): void;
  info(event: string, fields?: Fields): void;
  warn(event: string, fields?: Fields): void;
  error(event: string, fields?: Fields): void;
}

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One JSON line per event on stdout (`stderr: true`: on stderr), UTC. */
export const createLog = (level: LogLevel, options: { stderr?: boolean } = {}): Log => {
  const logger = winston.createLogger({
    level,
    format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
    transports: [
      new winston.transports.Stream({
        stream: createLogSink(options.stderr ? process.stderr : process.stdout),
        eol: '\n',
      }),
    ],
  });
  const write =
    (at: LogLevel) =>
    (event: string, fields: Fields = {}): void => {
      logger.log({ ...fields, level: at, message: event });
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
};

/** Says nothing; tests that do not look at logs take it. */
export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
