import { flushOnSync } from './service-worker.js';

// for `importScripts('…/sdk/lintel-sw.js')` in the site's own worker
flushOnSync(self);
