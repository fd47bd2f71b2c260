export { start, type EmbeddedClickHouse, type StartOptions } from './start.js';
export { EmbeddedError, type EmbeddedErrorCode } from './errors.js';
export type { EngineEvent, EngineEventListener } from './events.js';
export {
  readCredentials,
  ROLES,
  type Credentials,
  type CredentialsByRole,
  type Role,
} from './credentials.js';
export { defaultGrants, type GrantsByRole } from './grants.js';
export { renderUsersFile, type UsersFileOptions } from './users-file.js';
