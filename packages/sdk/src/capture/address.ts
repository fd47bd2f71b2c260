import { clean } from './mask.js';

/** An address as it may be kept: masked, without query and fragment. */
export const bare = (address: string): string => clean(address.replace(/[?#].*$/, ''));
