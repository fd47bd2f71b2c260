import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { pluginJsonRoute, ROUTES } from '../src/api/routes.js';

const file = fileURLToPath(new URL('../src/plugin.json', import.meta.url));

/** `src/plugin.json` with the routes of `src/api/routes.ts`; everything else in it is written by hand. */
export const pluginJson = (): string => {
  const written = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  return JSON.stringify({ ...written, routes: ROUTES.map(pluginJsonRoute) });
};
