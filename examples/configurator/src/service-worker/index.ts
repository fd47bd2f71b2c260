import { ExpirationPlugin } from 'workbox-expiration';
import { cleanupOutdatedCaches, precacheAndRoute, type PrecacheEntry } from 'workbox-precaching';
import { registerRoute } from 'workbox-routing';
import { CacheFirst, NetworkFirst } from 'workbox-strategies';

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: (PrecacheEntry | string)[] };

/**
 * The site's half of working offline: the shell is there before it is needed, prices are as fresh as the network
 * allows. Nothing of Lintel's wire is touched: only GET of the catalogue and of this site's own files.
 */
const SHELL = '/';
const DAY_S = 86_400;

precacheAndRoute(self.__WB_MANIFEST);
cleanupOutdatedCaches();

/** All addresses of the site share one page. From the network first: it carries a fresh nonce and fresh settings. */
const pages = new NetworkFirst({
  cacheName: 'pages',
  networkTimeoutSeconds: 3,
  plugins: [{ cacheKeyWillBeUsed: () => Promise.resolve(SHELL) }],
});
registerRoute(({ request, sameOrigin }) => sameOrigin && request.mode === 'navigate', pages);

registerRoute(
  ({ url }) => url.pathname === '/v1/catalogue',
  new NetworkFirst({ cacheName: 'catalogue', networkTimeoutSeconds: 3 }),
);

registerRoute(
  ({ request, sameOrigin }) => sameOrigin && request.destination === 'image',
  new CacheFirst({
    cacheName: 'images',
    plugins: [new ExpirationPlugin({ maxEntries: 60, maxAgeSeconds: 30 * DAY_S })],
  }),
);

self.addEventListener('install', (event) => {
  event.waitUntil(Promise.all(pages.handleAll({ event, request: new Request(SHELL) })));
});

self.addEventListener('message', (event) => {
  // Sent only by the visitor's click on "new version".
  if (event.data === 'SKIP_WAITING') void self.skipWaiting();
});
