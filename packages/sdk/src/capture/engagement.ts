import type { Capture } from './context.js';
import { depth } from './depth.js';

/** Nobody moved, typed or scrolled for so long: nobody is there. */
const AWAY_MS = 60_000;
const WORTH_MS = 1000;
const ACTS = ['pointerdown', 'pointermove', 'keydown', 'scroll', 'wheel', 'touchstart'];

/**
 * Attention as increments: each `page_leave` tells what came since the last one of its view, so sums are right
 * whatever is lost. Engaged is visible, focused (also in the page's own frames) and active within a minute.
 */
export const engagement: Capture = (context) => {
  const { clock } = context;
  const seen = context.share(depth);
  let engagedMs = 0;
  let visibleMs = 0;
  let atMs = clock.tick();
  let actedMs = atMs;
  let toldDepth = 0;
  let visible = document.visibilityState === 'visible';
  let focused = document.hasFocus();

  /** Adds up to now with the state that held until now. */
  const settle = (): void => {
    const now = clock.tick();
    if (visible) visibleMs += now - atMs;
    if (visible && focused) engagedMs += Math.max(0, Math.min(now, actedMs + AWAY_MS) - atMs);
    atMs = now;
    visible = document.visibilityState === 'visible';
    focused = document.hasFocus();
  };
  const act = (): void => {
    const now = clock.tick();
    // pointer moves come by the hundred: one look a second is enough
    if (now - actedMs < WORTH_MS) return;
    settle();
    actedMs = now;
  };
  for (const type of ACTS) context.on(window, type, act, { capture: true });
  context.on(window, 'focus', () => {
    actedMs = clock.tick();
    settle();
  });
  context.on(window, 'blur', settle);
  context.on(document, 'visibilitychange', () => {
    settle();
    actedMs = atMs;
  });

  context.leaving((final) => {
    settle();
    const { seq } = context.view();
    const px = seen.px();
    if (engagedMs >= WORTH_MS || px > toldDepth) {
      context.emit('page_leave', {
        view: seq < 0 ? undefined : seq,
        engagedMs: Math.round(engagedMs),
        visibleMs: Math.round(visibleMs),
        depth: seen.percent(),
        depthPx: px,
        final: final || undefined,
      });
      engagedMs = visibleMs = 0;
      toldDepth = px;
    }
    if (final) {
      engagedMs = visibleMs = toldDepth = 0;
      actedMs = atMs;
    }
  });
  return () => {};
};
