import type { Capture } from './context.js';
import { depth } from './depth.js';

const MARKS = [25, 50, 75, 90, 100];

/** The first time a view is seen down to 25, 50, 75, 90 and 100 percent. */
export const scroll: Capture = (context) => {
  const seen = context.share(depth);
  let view = -1;
  let told = 0;
  seen.deeper(() => {
    const { seq } = context.view();
    if (seq !== view) told = 0;
    view = seq;
    const percent = seen.percent();
    for (const mark of MARKS) {
      if (mark <= told || percent < mark) continue;
      told = mark;
      context.emit('scroll', {
        view: seq < 0 ? undefined : seq,
        depth: mark,
        px: seen.px(),
        dh: seen.height(),
      });
    }
  });
  return () => {};
};
