/** Address of `/v1` at a collector, or at a path of the site that leads to it. */
export const endpointOf = (base: string, page: string): string =>
  new URL(base, page).href.replace(/\/$/, '') + '/v1';
