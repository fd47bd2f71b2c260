/** What a route can ask for. A route without one of these does not start; unknown means deny. */
export const PERMISSIONS = [
  'analytics.read',
  'catalogue.read',
  'experiments.read',
  'experiments.write',
  'ledger.read',
  'dead-letters.read',
  'dead-letters.replay',
  'jobs.read',
  'tokens.write',
  'exports.create',
  'backups.read',
  'backups.create',
  'backups.restore',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

export const ROLES = ['owner', 'admin', 'editor', 'analyst', 'support', 'viewer', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

const GRANTS: Readonly<Record<Permission, readonly Role[]>> = {
  'analytics.read': ['owner', 'admin', 'editor', 'analyst', 'support', 'viewer'],
  'catalogue.read': ['owner', 'admin', 'editor', 'analyst', 'support', 'viewer'],
  'experiments.read': ['owner', 'admin', 'editor', 'analyst', 'viewer'],
  'experiments.write': ['owner', 'admin', 'editor'],
  'ledger.read': ['owner', 'admin', 'analyst', 'auditor'],
  'dead-letters.read': ['owner', 'admin'],
  'dead-letters.replay': ['owner', 'admin'],
  'jobs.read': ['owner', 'admin', 'auditor'],
  'tokens.write': ['owner', 'admin'],
  'exports.create': ['owner', 'admin', 'analyst'],
  'backups.read': ['owner', 'admin', 'auditor'],
  'backups.create': ['owner', 'admin'],
  'backups.restore': ['owner'],
};

export const may = (role: Role, permission: Permission): boolean => GRANTS[permission].includes(role);

/** Nobody grants more than he has. */
export const mayGrant = (own: Role, other: Role): boolean =>
  PERMISSIONS.every((permission) => !may(other, permission) || may(own, permission)) &&
  (other !== 'owner' || own === 'owner');
