export type { Health } from './health.js';
export { ROLES, type Role } from './permissions.js';
export { analyticsRoutes } from './routes/analytics.js';
export { backupRoutes } from './routes/backups.js';
export { experimentRoutes } from './routes/experiments.js';
export { jobRoutes } from './routes/jobs.js';
export { recordRoutes } from './routes/records.js';
export { createAdminServer } from './server.js';
export { isRole, openTokens, type NewToken, type Tokens } from './tokens.js';
