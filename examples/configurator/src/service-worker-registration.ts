/**
 * The service worker stores files on the device, so it comes only after consent to statistics or when the visitor
 * installs the app, and goes with the consent.
 */
export interface Installation {
  allow(): void;
  withdraw(): Promise<void>;
}

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): {
    createScriptURL(url: string): string;
  };
}

const WORKER = '/service-worker.js';

/**
 * @param onWaiting called with a function that puts the new version in place; the page reloads once it has
 */
export const createInstallation = (
  host: Window & { trustedTypes?: TrustedTypes },
  onWaiting: (activate: () => void) => void,
): Installation => {
  const container = host.navigator.serviceWorker as ServiceWorkerContainer | undefined;
  const policy = host.trustedTypes?.createPolicy('configurator', {
    createScriptURL: (url) => {
      if (url !== WORKER) throw new TypeError(`not a script of this site: ${url}`);
      return url;
    },
  });

  const offer = (worker: ServiceWorker): void =>
    onWaiting(() => {
      container?.addEventListener('controllerchange', () => host.location.reload(), { once: true });
      worker.postMessage('SKIP_WAITING');
    });
  const watch = (registration: ServiceWorkerRegistration): void => {
    if (registration.waiting && container?.controller) offer(registration.waiting);
    registration.addEventListener('updatefound', () => {
      const { installing } = registration;
      installing?.addEventListener('statechange', () => {
        if (installing.state === 'installed' && container?.controller) offer(installing);
      });
    });
  };
  const allow = (): void => {
    if (!container) return;
    container.register(policy ? policy.createScriptURL(WORKER) : WORKER).then(watch, (reason: unknown) => {
      console.warn('no offline version', reason);
    });
  };
  host.addEventListener('appinstalled', allow);

  return {
    allow,
    async withdraw() {
      const registrations = (await container?.getRegistrations()) ?? [];
      await Promise.all(registrations.map((registration) => registration.unregister()));
      if (!('caches' in host)) return;
      const names = await host.caches.keys();
      await Promise.all(names.map((name) => host.caches.delete(name)));
    },
  };
};
