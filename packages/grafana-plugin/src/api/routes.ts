import { ACTIONS, type Action } from '../permissions';

/**
 * One way through Grafana's proxy to the collector's admin port. A method is compared as an exact string and the first
 * entry that matches decides, also when it denies: narrow before wide. What `*` matched is appended to `url`, so the
 * literal part of the path stands in `url` again.
 */
export interface ProxyRoute {
  path: string;
  method: 'GET';
  /** Without it anyone who may open the app passes. */
  action: Action;
  /** Below the collector's address. */
  adminPath: string;
  /** The collector lets the request do exactly this: Grafana's check travels with it. */
  permission: string;
}

export const ROUTES: readonly ProxyRoute[] = [
  {
    path: 'analytics/*',
    method: 'GET',
    action: ACTIONS.read,
    adminPath: '/api/admin/analytics',
    permission: 'analytics.read',
  },
  {
    path: 'ledger',
    method: 'GET',
    action: ACTIONS.read,
    adminPath: '/api/admin/ledger',
    permission: 'ledger.read',
  },
];

/** As `plugin.json` spells it. */
export const pluginJsonRoute = ({ path, method, action, adminPath, permission }: ProxyRoute) => ({
  path,
  method,
  reqAction: action,
  url: `{{ .JsonData.collectorUrl }}${adminPath}`,
  headers: [
    { name: 'Authorization', content: 'Bearer {{ .SecureJsonData.adminToken }}' },
    { name: 'X-Lintel-Permission', content: permission },
  ],
});
