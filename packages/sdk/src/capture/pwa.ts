import type { Capture } from './context.js';

type Prompt = Event & { userChoice?: Promise<{ outcome: string }> };

/** How the site lives as an installed app: prompt, installation, starts without network, updates. */
export const pwa: Capture = (context) => {
  const tell = (what: string): void => void context.emit('custom', { name: 'lintel.pwa', props: { what } });
  // only watched: preventing the prompt is the site's decision
  context.on(window, 'beforeinstallprompt', ({ userChoice }: Prompt) => {
    tell('prompt');
    userChoice?.then(
      context.guard(({ outcome }) => tell(outcome)),
      () => {},
    );
  });
  context.on(window, 'appinstalled', () => tell('installed'));
  const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  if (workers?.controller) {
    if (!navigator.onLine) tell('offline_start');
    context.on(workers, 'controllerchange', () => tell('update'));
  }
  return () => {};
};
