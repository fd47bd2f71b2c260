import { mkdtemp, rm } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { bundleHost, publicFolder, type HostVersion } from '../../testing/mini-host/bundle.js';
import type { ReaderAccess } from '../../testing/mini-host/server/clickhouse.js';
import { startMiniHost, type MiniHost } from '../../testing/mini-host/server/index.js';
import type { World } from './world.js';

const dist = fileURLToPath(new URL('../../dist', import.meta.url));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The built plugin in a host of one Grafana version, in front of a running collector. */
export const startHost = async (
  version: HostVersion,
  world: World,
  database: () => ReaderAccess = world.reader,
): Promise<MiniHost> => {
  if (!existsSync(join(dist, 'module.js'))) throw new Error('dist is missing: npm run build');
  const folder = await mkdtemp(join(tmpdir(), 'lintel-host-'));
  await bundleHost(version, folder);
  const host = await startMiniHost({
    dist,
    host: folder,
    grafanaVersion: version.version,
    publicFolder: publicFolder(version),
    database,
    settings: {
      jsonData: { collectorUrl: world.collector.adminUrl, datasourceUid: 'lintel-clickhouse' },
      secureJsonData: { adminToken: world.grafanaToken },
    },
  });
  return {
    ...host,
    stop: async () => {
      await host.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

export interface Viewer {
  role?: 'Viewer' | 'Editor' | 'Admin' | 'None';
  theme?: 'light' | 'dark';
  language?: string;
  viewport?: { width: number; height: number };
}

export interface OpenPage {
  page: Page;
  /** Console errors and warnings, and uncaught errors. */
  complaints: string[];
  close(): Promise<void>;
}

/** Opens a page of the plugin as somebody. */
export const openPage = async (
  browser: Browser,
  host: MiniHost,
  path: string,
  {
    role = 'Admin',
    theme = 'dark',
    language = 'en-US',
    viewport = { width: 1280, height: 900 },
  }: Viewer = {},
): Promise<OpenPage> => {
  const context = await browser.newContext({
    viewport,
    reducedMotion: 'reduce',
    timezoneId: 'Europe/Vienna',
    extraHTTPHeaders: { 'x-host-role': role, 'x-host-theme': theme, 'x-host-language': language },
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    // Grafana's fonts are not on npm, the host cannot serve them
    if (message.location().url.includes('/public/fonts/')) return;
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(host.url + path);
  return { page, complaints, close: () => context.close() };
};

/** What a panel shows, below its title. */
export const panelText = async (page: Page, title: string): Promise<string> =>
  (await page.locator(`[data-testid="data-testid Panel header ${title}"]`).innerText())
    .replace(title, '')
    .trim();

/** Every violation of axe, of any level, with the elements. */
export const violations = async (page: Page): Promise<string[]> => {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe: run } = window as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const found = await run.run();
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  });
};
