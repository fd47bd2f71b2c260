/** A route of `plugin.json`. */
export interface PluginRoute {
  path: string;
  method?: string;
  reqAction?: string;
  url: string;
  headers?: { name: string; content: string }[];
}

/** What the templates of a route can name. */
export interface RouteData {
  jsonData: Readonly<Record<string, string>>;
  secureJsonData: Readonly<Record<string, string>>;
}

export type Routed =
  { kind: 'forward'; url: string; headers: Record<string, string> } | { kind: 'denied' } | { kind: 'none' };

const fill = (template: string, { jsonData, secureJsonData }: RouteData): string =>
  template.replace(
    /\{\{\s*\.(JsonData|SecureJsonData)\.(\w+)\s*\}\}/g,
    (_match, from: string, name: string) =>
      String((from === 'JsonData' ? jsonData : secureJsonData)[name] ?? ''),
  );

/** What `*` stands for, null when the path does not match. `inquiries/*` does not match `inquiries`. */
const remainder = (pattern: string, path: string): string | null => {
  if (!pattern.endsWith('/*')) return pattern === path ? '' : null;
  const prefix = pattern.slice(0, -1);
  return path.startsWith(prefix) && path.length > prefix.length ? path.slice(prefix.length) : null;
};

/**
 * Grafana's proxy of app plugins, as read in 12.3.3: the first entry whose method (an exact string) and path match
 * decides, also when it denies; without `reqAction` everybody passes; what `*` matched is unescaped once and appended.
 * @param path below `/api/plugin-proxy/<id>/`, as it came
 */
export const routeRequest = (
  routes: readonly PluginRoute[],
  request: { method: string; path: string; actions: readonly string[] },
  data: RouteData,
): Routed => {
  const path = decodeURIComponent(request.path);
  for (const route of routes) {
    if (route.method && route.method !== '*' && route.method !== request.method) continue;
    const rest = remainder(route.path, path);
    if (rest === null) continue;
    if (route.reqAction && !request.actions.includes(route.reqAction)) return { kind: 'denied' };
    const base = fill(route.url, data);
    return {
      kind: 'forward',
      url: rest === '' ? base : `${base.replace(/\/$/, '')}/${rest}`,
      headers: Object.fromEntries(
        (route.headers ?? []).map(({ name, content }) => [name, fill(content, data)]),
      ),
    };
  }
  return { kind: 'none' };
};
