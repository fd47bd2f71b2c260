/** What the ESM build loads at the first idle moment. */
export { sending } from './delivery/sending.js';
export { extras } from './extras.js';
