import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { select, type ReaderAccess } from './clickhouse.js';
import { frameOf } from './frame.js';
import { expandMacros } from './macros.js';
import { pageHtml } from './page.js';
import { routeRequest, type PluginRoute } from './proxyRules.js';
import type { PluginSettings, User } from './types.js';

export type { PluginSettings, User } from './types.js';

export interface HostOptions {
  /** The built plugin. */
  dist: string;
  /** Bundle of a Grafana version, see `bundleHost`. */
  host: string;
  grafanaVersion: string;
  /** `dist/public` of `@grafana/ui`. */
  publicFolder: string;
  database: () => ReaderAccess;
  settings: PluginSettings;
}

export interface MiniHost {
  url: string;
  /** Of queries and proxied requests, in order. */
  requests: { kind: 'query' | 'proxy'; path: string; statements: string[]; status: number }[];
  /** Paths that a plugin asked for and this host does not know. */
  unknown: string[];
  settings: PluginSettings;
  stop(): Promise<void>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.map': 'application/json',
};

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><circle cx="12" cy="12" r="9"/></svg>';

interface PluginJson extends Record<string, unknown> {
  id: string;
  info: { version: string };
  routes?: PluginRoute[];
  roles?: { role: { permissions: { action: string }[] }; grants: string[] }[];
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
};

/** Grafana's HTTP API, as far as the plugin's pages use it, in front of a real ClickHouse and a real collector. */
export const startMiniHost = async (options: HostOptions): Promise<MiniHost> => {
  const json = JSON.parse(readFileSync(join(options.dist, 'plugin.json'), 'utf8')) as PluginJson;
  const settings = structuredClone(options.settings);
  const requests: MiniHost['requests'] = [];
  const unknown: string[] = [];

  const userOf = ({ headers }: IncomingMessage): User => {
    const role = (headers['x-host-role'] as User['role'] | undefined) ?? 'Admin';
    const granted = (json.roles ?? []).filter(({ grants }) => grants.includes(role));
    return {
      login: 'erika.müller',
      role,
      theme: (headers['x-host-theme'] as User['theme'] | undefined) ?? 'dark',
      language: (headers['x-host-language'] as string | undefined) ?? 'en-US',
      actions: granted.flatMap(({ role: { permissions } }) => permissions.map(({ action }) => action)),
    };
  };

  const send = (response: ServerResponse, status: number, value: unknown): void => {
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
  };

  const sendFile = async (response: ServerResponse, folder: string, path: string): Promise<void> => {
    const file = normalize(join(folder, path));
    try {
      const bytes = file.startsWith(folder) ? await readFile(file) : null;
      if (bytes === null) throw new Error('outside');
      response
        .writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream' })
        .end(bytes);
    } catch {
      unknown.push(path);
      response.writeHead(404).end();
    }
  };

  const query = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { queries, from, to } = JSON.parse(await bodyOf(request)) as {
      queries: { refId: string; rawSql: string; intervalMs?: number }[];
      from?: string;
      to?: string;
    };
    const statements: string[] = [];
    const results = await Promise.all(
      queries.map(async ({ refId, rawSql, intervalMs = 1000 }) => {
        try {
          const now = Date.now();
          const sql = expandMacros(rawSql, { from: Number(from ?? now), to: Number(to ?? now), intervalMs });
          statements.push(sql);
          return [
            refId,
            { status: 200, frames: [frameOf(refId, sql, await select(options.database(), sql))] },
          ] as const;
        } catch (error) {
          return [refId, { status: 500, error: (error as Error).message, frames: [] }] as const;
        }
      }),
    );
    const status = results.some(([, { status: one }]) => one !== 200) ? 400 : 200;
    requests.push({ kind: 'query', path: '/api/ds/query', statements, status });
    send(response, status, { results: Object.fromEntries(results) });
  };

  const proxy = async (request: IncomingMessage, response: ServerResponse, path: string, search: string) => {
    const user = userOf(request);
    const routed = routeRequest(
      json.routes ?? [],
      { method: request.method!, path, actions: user.actions },
      settings,
    );
    const done = (status: number): void => {
      requests.push({ kind: 'proxy', path: path + search, statements: [], status });
    };
    if (routed.kind !== 'forward') {
      const status = routed.kind === 'denied' ? 403 : 404;
      done(status);
      send(response, status, {
        message: routed.kind === 'denied' ? 'plugin proxy route access denied' : 'not found',
      });
      return;
    }
    const context = JSON.stringify({
      Login: user.login,
      UserUID: 'u1',
      OrgRole: user.role,
      Name: user.login,
    });
    try {
      const answer = await fetch(routed.url + search, {
        method: request.method!,
        headers: { ...routed.headers, 'X-Grafana-Context': Buffer.from(context, 'utf8').toString('latin1') },
      });
      done(answer.status);
      response
        .writeHead(answer.status, {
          'Content-Type': answer.headers.get('content-type') ?? 'application/json',
        })
        .end(Buffer.from(await answer.arrayBuffer()));
    } catch {
      done(502);
      send(response, 502, { message: 'bad gateway' });
    }
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, search } = new URL(request.url!, 'http://host');
    const plugins = `/public/plugins/${json.id}/`;
    const proxied = `/api/plugin-proxy/${json.id}/`;
    if (pathname.startsWith(`/a/${json.id}`) || pathname.startsWith(`/plugins/${json.id}`)) {
      const plugin = { id: json.id, version: json.info.version, json, settings };
      response
        .writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' })
        .end(pageHtml(userOf(request), plugin, options.grafanaVersion));
      return;
    }
    if (pathname.startsWith('/host/')) return sendFile(response, options.host, pathname.slice(6));
    if (pathname.startsWith('/public/build/img/')) {
      const file = join(options.publicFolder, pathname.slice('/public/build/'.length));
      if (existsSync(file))
        return sendFile(response, options.publicFolder, pathname.slice('/public/build/'.length));
      // some icons are only in Grafana itself
      response.writeHead(200, { 'Content-Type': 'image/svg+xml' }).end(ICON);
      return;
    }
    if (pathname.startsWith('/public/fonts/')) {
      // Grafana's fonts are not on npm
      response.writeHead(404).end();
      return;
    }
    if (pathname.startsWith(plugins)) return sendFile(response, options.dist, pathname.slice(plugins.length));
    if (pathname.startsWith(proxied)) return proxy(request, response, pathname.slice(proxied.length), search);
    if (pathname === '/api/ds/query') return query(request, response);
    if (pathname === `/api/plugins/${json.id}/settings` && request.method === 'POST') {
      const { jsonData, secureJsonData } = JSON.parse(await bodyOf(request)) as Partial<PluginSettings>;
      Object.assign(settings.jsonData, jsonData);
      Object.assign(settings.secureJsonData, secureJsonData);
      return send(response, 200, { message: 'Plugin settings updated' });
    }
    if (/^\/api\/datasources\/uid\/[^/]+\/health$/.test(pathname)) {
      if (!pathname.includes('/lintel-clickhouse/'))
        return send(response, 404, { message: 'Data source not found' });
      try {
        await select(options.database(), 'SELECT 1');
        return send(response, 200, { status: 'OK', message: 'Data source is working' });
      } catch (error) {
        return send(response, 400, { status: 'ERROR', message: (error as Error).message });
      }
    }
    unknown.push(pathname);
    send(response, 404, { message: 'not found' });
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      unknown.push(`${request.url}: ${String(error)}`);
      send(response, 500, { message: String(error) });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    unknown,
    settings,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
