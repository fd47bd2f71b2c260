import type { CaptureContext } from './context.js';
import { timer } from './timer.js';

const EVERY_MS = 200;

/** How far down the view was seen. */
export interface Depth {
  /** Deepest point, in pixels and in percent of the page. */
  px(): number;
  percent(): number;
  height(): number;
  /** Told when it grows. */
  deeper(work: () => void): void;
}

/** Reads the position in the scroll event, the height from an observer: no layout is forced. */
export const depth = (context: CaptureContext): Depth => {
  const { clock } = context;
  const rest = timer(context);
  const hooks: (() => void)[] = [];
  let height = 0;
  let px = 0;
  let view = -1;
  let readAt = -EVERY_MS;

  const see = (): void => {
    const { seq } = context.view();
    const bottom = Math.min(height, Math.round(scrollY + innerHeight));
    readAt = clock.tick();
    if (seq !== view) px = 0;
    view = seq;
    if (bottom <= px) return;
    px = bottom;
    for (const hook of hooks) hook();
  };
  const observer = new ResizeObserver(
    context.guard(() => {
      height = document.documentElement.scrollHeight;
      see();
    }),
  );
  observer.observe(document.documentElement);
  context.on(document, 'scroll', () => {
    const wait = readAt + EVERY_MS - clock.tick();
    if (wait > 0) rest(see, wait);
    else see();
  });
  context.ending(() => {
    observer.disconnect();
    rest();
  });
  /** A view that nobody scrolled was seen as far as the window shows it. */
  const seen = (): number => {
    if (context.view().seq !== view) see();
    return px;
  };
  return {
    px: seen,
    percent: () => Math.min(100, Math.round((seen() / height) * 100)) || 0,
    height: () => height,
    deeper: (work) => void hooks.push(work),
  };
};
