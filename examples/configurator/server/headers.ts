/**
 * Everything the page may load or call, by source; the collector is the only other origin.
 * @param nonce of the page's own scripts; null for files, which have none (a service worker lives under its file's)
 */
export const contentSecurityPolicy = (collector: string, nonce: string | null): string =>
  [
    "default-src 'none'",
    nonce === null ? "script-src 'self'" : `script-src 'nonce-${nonce}' ${collector}/sdk/`,
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ${collector}`,
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types lintel configurator',
  ].join('; ');

/** Headers of every answer. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'strict-transport-security': 'max-age=63072000; includeSubDomains; preload',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};
