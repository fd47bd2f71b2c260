/** What the ESM build loads at the first idle moment. */
export { joinExtras as join } from './extras.js';
