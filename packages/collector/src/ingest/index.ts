export { isFull } from './admission.js';
export { createPublicServer, type PublicServer, type PublicServerOptions } from './server.js';
export { DEFAULT_RATES, type Rates } from './limiter.js';
export { createSealer, type Sealed, type SealedField, type Sealer } from './sealing.js';
