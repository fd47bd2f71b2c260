import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { EventType } from '@lintel/protocol';
import { refuse, type Refusal } from './refusal.js';

/** How much this process carries, sampled once a second. */
export interface Load {
  /** 99th percentile of the event loop's delay in the last two seconds, the smaller of both. */
  delayMs: number;
  /** Share of the heap's limit in use, 0…1. */
  heap: number;
}

export interface LoadSampler {
  read(): Load;
  stop(): void;
}

const SAMPLE_MS = 1000;

/** One long pause (a collection, a first compile) is not overload: two windows in a row must be slow. */
export const sampleLoad = (): LoadSampler => {
  const histogram = monitorEventLoopDelay({ resolution: 20 });
  histogram.enable();
  let before = 0;
  let load: Load = { delayMs: 0, heap: 0 };
  const timer = setInterval(() => {
    const now = histogram.percentile(99) / 1e6;
    histogram.reset();
    const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
    load = { delayMs: Math.min(before, now), heap: used / limit };
    before = now;
  }, SAMPLE_MS).unref();
  return {
    read: () => load,
    stop: () => {
      clearInterval(timer);
      histogram.disable();
    },
  };
};

export const ADMISSION = {
  /**
   * Bodies held by this process, at most 64 MiB: one takes up to eight times its size as objects and rows, and a heap is
   * sampled too seldom for a burst (60 batches of 170 KB at once ended a process of 64 MB).
   */
  bytesInFlight: Math.min(64 * 1024 * 1024, getHeapStatistics().heap_size_limit / 32),
  delayMs: 250,
  heap: 0.8,
  /** Share of the buffer in use from which a batch of this worth is put off. */
  watermarks: [0.8, 0.95, 0.99],
} as const;

/** 0: pointer noise · 1: funnel and measurement · 2: what is never given up as long as anything is taken. */
export type Worth = 0 | 1 | 2;

const WORTH: Partial<Record<EventType, Worth>> = {
  inquiry: 2,
  order: 2,
  error: 2,
  click: 0,
  gesture: 0,
  scroll: 0,
  visibility: 0,
  long_frame: 0,
};

/** A batch is worth its best event; one that only tells of ended streams is measurement. */
export const worthOf = (types: Iterable<string>): Worth => {
  let best: Worth | null = null;
  for (const type of types) {
    const worth = WORTH[type as EventType] ?? 1;
    if (worth === 2) return 2;
    if (best === null || worth > best) best = worth;
  }
  return best ?? 1;
};

const busy = (message: string, retryAfter: number): Refusal => refuse(503, 'busy', message, { retryAfter });

/** Whether the buffer has no room left for anything, whatever it is worth. */
export const isFull = (fill: number): boolean => fill >= ADMISSION.watermarks[2];

/** Step 1, before anything is read. */
export const admit = (bytesInFlight: number, load: Load, fill: number): Refusal | null => {
  if (bytesInFlight > ADMISSION.bytesInFlight) return busy('too many bodies in flight', 1);
  if (load.delayMs > ADMISSION.delayMs) return busy('this process is behind', 2);
  if (load.heap > ADMISSION.heap) return busy('this process is short of memory', 5);
  if (isFull(fill)) return busy('the buffer is full', 10);
  return null;
};

/** Shedding from the bottom: the fuller the buffer, the more a batch must be worth. */
export const shed = (worth: Worth, fill: number): Refusal | null =>
  fill >= ADMISSION.watermarks[worth]
    ? busy('the buffer is filling up: less important batches wait', 10)
    : null;
