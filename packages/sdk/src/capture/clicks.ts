import { anchors } from './anchors.js';
import type { Capture } from './context.js';

/** Clicks by mouse, finger, pen and key, each with its place in the element that was meant. */
export const clicks: Capture = (context) =>
  context.share(anchors)(({ place, at }) => void context.emit('click', place, at), true);
