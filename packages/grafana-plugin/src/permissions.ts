/** What Grafana's access control is asked for; `plugin.json` gives them to roles. */
export const ACTIONS = {
  /** All analytics and the ledger. */
  read: 'lintel-app:read',
} as const;

export type Action = (typeof ACTIONS)[keyof typeof ACTIONS];
