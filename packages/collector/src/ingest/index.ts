export { isFull } from './admission.js';
export { openCountryDatabase } from './country-database.js';
export { openRedisExchange } from './exchange-redis.js';
export { openWorkerExchange, relayExchange } from './exchange-workers.js';
export { createPublicServer, type PublicServer, type PublicServerOptions } from './server.js';
export { DEFAULT_RATES, type Rates } from './limiter.js';
export { createSealer, type Sealed, type SealedField, type Sealer } from './sealing.js';
