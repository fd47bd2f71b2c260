import { setTimeout as sleep } from 'node:timers/promises';

import { backoffMs, nextAttempt } from './backoff.js';
import type { EngineProcess } from './engine-process.js';
import { EmbeddedError } from './errors.js';
import type { EngineEventListener } from './events.js';
import { ping } from './http-client.js';
import type { LaunchedEngine } from './launch-engine.js';

const PING_EVERY_MS = 1000;
const PING_TIMEOUT_MS = 1000;
const MISSED_PINGS_MEAN_HUNG = 5;

export interface Supervisor {
  pid(): number | null;
  restarts(): number;
  stop(): Promise<void>;
}

export interface SupervisorOptions {
  httpPort: number;
  first: LaunchedEngine;
  /** Starts a replacement; must leave no process behind when it rejects. */
  launch: (signal: AbortSignal) => Promise<LaunchedEngine>;
  /** Ends a living engine in order; returns the number of queries cut off. */
  stopEngine: (engine: EngineProcess) => Promise<number>;
  onEvent: EngineEventListener;
  /** After the engine is gone for good. */
  onStopped: () => void;
}

/** Resolves early, without throwing, when the signal fires. */
const pause = async (durationMs: number, signal: AbortSignal): Promise<void> => {
  try {
    await sleep(durationMs, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
};

const pauseWithin = async (durationMs: number, stop: AbortSignal, ended: AbortSignal): Promise<void> => {
  const either = new AbortController();
  const abort = (): void => either.abort();
  // Removed by hand: a listener a second on a signal that lives for months would be a leak.
  for (const signal of [stop, ended]) signal.addEventListener('abort', abort);
  try {
    if (!stop.aborted && !ended.aborted) await pause(durationMs, either.signal);
  } finally {
    for (const signal of [stop, ended]) signal.removeEventListener('abort', abort);
  }
};

/** Keeps one engine running until `stop()`: replaces it when it ends or hangs, never gives up. */
export const supervise = (options: SupervisorOptions): Supervisor => {
  const { onEvent } = options;
  const stopping = new AbortController();
  let current: EngineProcess | null = options.first.engine;
  let restarts = 0;
  let stopped: Promise<void> | null = null;

  /** Returns when the engine has ended, by itself or because it hung, or when we are asked to stop. */
  const watch = async (engine: EngineProcess): Promise<void> => {
    let missedPings = 0;
    while (!stopping.signal.aborted && !engine.exit()) {
      await pauseWithin(PING_EVERY_MS, stopping.signal, engine.ended);
      if (stopping.signal.aborted || engine.exit()) break;
      missedPings = (await ping(options.httpPort, PING_TIMEOUT_MS)) ? 0 : missedPings + 1;
      if (missedPings < MISSED_PINGS_MEAN_HUNG || stopping.signal.aborted || engine.exit()) continue;
      onEvent({ kind: 'hung', pid: engine.pid, missedPings });
      await engine.kill();
    }
  };

  const replace = async (
    firstAttempt: number,
  ): Promise<{ engine: EngineProcess; attempt: number } | null> => {
    for (let attempt = firstAttempt; ; attempt++) {
      const delayMs = backoffMs(attempt);
      onEvent({ kind: 'restarting', attempt, delayMs });
      await pause(delayMs, stopping.signal);
      if (stopping.signal.aborted) return null;
      restarts++;
      try {
        const { engine, startMs, version } = await options.launch(stopping.signal);
        onEvent({ kind: 'ready', pid: engine.pid, startMs, version });
        return { engine, attempt: attempt + 1 };
      } catch (error) {
        if (stopping.signal.aborted) return null;
        const { message } = error as Error;
        const logTail = error instanceof EmbeddedError ? error.detail : '';
        onEvent({ kind: 'restart_failed', attempt, message, logTail });
      }
    }
  };

  const keepRunning = async (): Promise<void> => {
    let attempt = 0;
    while (current) {
      const readyAt = Date.now();
      await watch(current);
      if (stopping.signal.aborted) return;
      const { pid } = current;
      const exit = current.exit();
      const logTail = current.logTail();
      current = null;
      onEvent({
        kind: 'exited',
        pid,
        exitCode: exit?.exitCode ?? null,
        signal: exit?.signal ?? null,
        logTail,
      });
      const replacement = await replace(nextAttempt(attempt, Date.now() - readyAt));
      if (!replacement) return;
      current = replacement.engine;
      attempt = replacement.attempt;
    }
  };

  const running = keepRunning();

  const stopOnce = async (): Promise<void> => {
    const started = Date.now();
    stopping.abort();
    try {
      await running;
      const engine = current;
      current = null;
      const interruptedQueries = engine && !engine.exit() ? await options.stopEngine(engine) : 0;
      onEvent({ kind: 'stopped', stopMs: Date.now() - started, interruptedQueries });
    } finally {
      options.onStopped();
    }
  };

  return {
    pid: () => (current && !current.exit() ? current.pid : null),
    restarts: () => restarts,
    stop: () => (stopped ??= stopOnce()),
  };
};
