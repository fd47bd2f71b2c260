import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const DIST = new URL('../../dist/', import.meta.url);

export interface SiteOptions {
  collector: string;
  key?: string;
  /** Attributes of the script tag besides key. */
  attributes?: string;
  stub?: boolean;
  /** Leaves the script tag out: the site brings the SDK itself. */
  tag?: boolean;
  body?: string;
  /** Script of the site's service worker, at `/sw.js`. */
  worker?: string;
  /** A strict policy; `no lintel` allows no Trusted Types policy of that name. */
  policy?: boolean | 'no lintel';
}
export interface Site {
  url: string;
  options: SiteOptions;
  stop(): Promise<void>;
}

const BODY = `<h1>Site</h1>
<button id="choose" data-lintel="facade:wood">Wood</button>
<button id="plain">Plain</button>
<a id="next" href="/next">next</a>
<form name="contact"><input name="email"><input type="password" name="secret"><button>send</button></form>
<div style="height: 3000px"></div>`;

const page = ({
  collector,
  key = 'pk_test',
  attributes = '',
  stub = true,
  tag = true,
  body = BODY,
  policy,
}: SiteOptions): string => {
  const { version: _version, files } = JSON.parse(readFileSync(new URL('manifest.json', DIST), 'utf8')) as {
    version: string;
    files: Record<string, { integrity: string }>;
  };
  const nonce = policy ? ' nonce="n0nce"' : '';
  const inline = stub ? `<script${nonce}>${readFileSync(new URL('stub.js', DIST), 'utf8')}</script>` : '';
  const integrity = files['lintel.js']!.integrity;
  const core = tag
    ? `<script${nonce} async src="${collector}/sdk/lintel.js" integrity="${integrity}" crossorigin="anonymous" data-key="${key}" ${attributes}></script>`
    : '';
  return `<!doctype html><meta charset="utf-8"><title>Test site</title>${inline}
${core}
<body>${body}`;
};

/** A page on an origin of its own, with the script tag as the documentation prints it. */
export const startSite = async (options: SiteOptions): Promise<Site> => {
  const site: Site = {
    url: '',
    options,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  const server = createServer((request, response) => {
    if (request.url === '/favicon.ico') return void response.writeHead(204).end();
    if (request.url === '/sw.js' && site.options.worker !== undefined)
      return void response.writeHead(200, { 'content-type': 'text/javascript' }).end(site.options.worker);
    if (request.url === '/empty')
      return void response.writeHead(200, { 'content-type': 'text/html' }).end('empty');
    response.setHeader('content-type', 'text/html; charset=utf-8');
    if (site.options.policy) {
      const { collector } = site.options;
      response.setHeader(
        'content-security-policy',
        `default-src 'none'; script-src 'nonce-n0nce' ${collector}/sdk/; connect-src ${collector}; style-src 'unsafe-inline'; ` +
          "require-trusted-types-for 'script'; trusted-types " +
          (site.options.policy === true ? 'lintel' : "'none'"),
      );
      response.setHeader('referrer-policy', 'no-referrer');
    }
    response.end(page(site.options));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  site.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return site;
};
