import { clean } from './mask.js';

/** Twice what is kept and more: what is longer, an image in an address for instance, is no work for the main thread. */
const READ = 4096;

/** An address as it may be kept: masked, without query and fragment. */
export const bare = (address: string): string => clean(address.slice(0, READ).replace(/[?#].*$/, ''));
