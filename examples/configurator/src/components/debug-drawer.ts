import type { Context } from '../context.js';
import { h } from '../dom.js';

/** `?debug` in the address: the SDK's own numbers, once a second while the drawer is open. */
export const debugDrawer = (context: Context): HTMLElement => {
  const text = context.text().debug;
  const numbers = h('pre', { class: 'debug-numbers' });
  const drawer = h(
    'details',
    { class: 'debug' },
    h('summary', { 'data-lintel': 'debug:toggle' }, text.title),
    numbers,
  );
  let timer = 0;
  const draw = (): void => {
    const stats = context.analytics.stats();
    numbers.textContent = stats ? JSON.stringify(stats, null, 2) : text.absent;
  };
  drawer.addEventListener('toggle', () => {
    context.host.clearInterval(timer);
    if (!drawer.open) return;
    draw();
    timer = context.host.setInterval(draw, 1000);
  });
  return drawer;
};
