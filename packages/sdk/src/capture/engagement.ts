import type { Capture } from './context.js';
import { depth } from './depth.js';
import { viewOf } from './view.js';

/** Nobody moved, typed or scrolled for so long: nobody is there. */
const AWAY_MS = 60_000;
const WORTH_MS = 1000;

/**
 * Attention as increments: each `page_leave` tells what came since the last one of its view, so sums are right
 * whatever is lost. Engaged is visible, focused (also in the page's own frames) and active within a minute.
 */
export const engagement: Capture = (context) => {
  const { clock } = context;
  const seen = context.share(depth);
  let engagedMs = 0;
  let visibleMs = 0;
  let toldPx = 0;
  let atMs = clock.tick();
  let actedMs = atMs;
  let visible = false;
  let focused = false;

  /** Adds up to now with the state that held until now. */
  const settle = (): void => {
    const now = clock.tick();
    if (visible) {
      visibleMs += now - atMs;
      if (focused) engagedMs += Math.max(0, Math.min(now, actedMs + AWAY_MS) - atMs);
    }
    atMs = now;
    visible = !document.hidden;
    focused = document.hasFocus();
  };
  const act = (): void => {
    settle();
    actedMs = atMs;
  };
  act();
  for (const type of ['focus', 'blur', 'visibilitychange']) context.on(window, type, act);
  for (const type of ['pointerdown', 'pointermove', 'keydown', 'scroll', 'wheel', 'touchstart'])
    context.on(
      window,
      type,
      () => {
        // pointer moves come by the hundred: one look a second is enough
        if (clock.tick() - actedMs >= WORTH_MS) act();
      },
      { capture: true },
    );

  context.leaving((final) => {
    settle();
    const px = seen.px();
    if (engagedMs >= WORTH_MS || px > toldPx) {
      context.emit('page_leave', {
        view: viewOf(context),
        engagedMs: Math.round(engagedMs),
        visibleMs: Math.round(visibleMs),
        depth: seen.percent(),
        depthPx: px,
        final: final || undefined,
      });
      engagedMs = visibleMs = 0;
      toldPx = px;
    }
    if (final) {
      engagedMs = visibleMs = toldPx = 0;
      actedMs = atMs;
    }
  });
  return () => {};
};
