import type { SoftNavigation } from './entries.js';

export type VitalName = 'CLS' | 'FCP' | 'INP' | 'LCP' | 'TTFB';

/** Events that one frame showed; of all of them, not only of one interaction. */
export interface Frame {
  paintedMs: number;
  /** When the first one's listeners were called, and when the last one's had returned. */
  began: number;
  finished: number;
}

/** One vital of one navigation. */
export interface Metric {
  name: VitalName;
  /** Milliseconds, or a score for CLS; negative while there is none. */
  value: number;
  /** What was told last. */
  told?: number;
  /** What it comes from. */
  entries: readonly PerformanceEntry[];
  /** Of INP: the frame in which the interaction was shown. */
  frame?: Frame | undefined;
  /** Of all that is told of it. */
  id: string;
  nav: string;
  /** The route it is about, if it is one's. */
  soft?: SoftNavigation | undefined;
}

/** Up to which value a vital is good, and up to which it needs improvement. Source: https://web.dev/articles/vitals */
export const LIMITS: Readonly<Record<VitalName, readonly [number, number]>> = {
  CLS: [0.1, 0.25],
  FCP: [1800, 3000],
  INP: [200, 500],
  LCP: [2500, 4000],
  TTFB: [800, 1800],
};
