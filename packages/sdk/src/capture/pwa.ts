import type { Capture } from './context.js';

/** How the site lives as an installed app: prompt, installation, starts without network, updates. */
export const pwa: Capture = (context) => {
  const tell = (what: string): void => void context.emit('custom', { name: 'lintel.pwa', props: { what } });
  // only watched: preventing the prompt is the site's decision
  context.on(
    window,
    'beforeinstallprompt',
    (event: Event & { userChoice?: Promise<{ outcome: string }> }) => {
      tell('prompt');
      event.userChoice?.then(({ outcome }) => context.guard(tell)(outcome)).catch(() => {});
    },
  );
  context.on(window, 'appinstalled', () => tell('installed'));
  const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  if (!workers) return () => {};
  const { controller } = workers;
  if (!navigator.onLine && controller) tell('offline_start');
  if (controller) context.on(workers, 'controllerchange', () => tell('update'));
  return () => {};
};
