import type { Capture } from './context.js';
import { depth } from './depth.js';
import { viewOf } from './view.js';

const MARKS = [25, 50, 75, 90, 100];

/** The first time a view is seen down to 25, 50, 75, 90 and 100 percent. */
export const scroll: Capture = (context) => {
  const seen = context.share(depth);
  let view: number | undefined;
  let told = 0;
  seen.deeper(() => {
    const now = viewOf(context);
    if (now !== view) told = 0;
    view = now;
    for (const mark of MARKS) {
      if (mark <= told || seen.percent() < mark) continue;
      told = mark;
      context.emit('scroll', { view, depth: mark, px: seen.px(), dh: seen.height() });
    }
  });
  return () => {};
};
