/** How long a repeat is recognised by the duplicate bits; older events travel in doubt. */
export const SEEN_TTL_MS = 7 * 86_400_000;
