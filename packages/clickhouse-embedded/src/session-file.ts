import { createHash } from 'node:crypto';

import type { Credentials } from './credentials.js';
import { renderXml } from './xml.js';

/**
 * The users the engine needs for itself.
 *
 * `default` is whom `clickhouse local` signs in as, with an empty password from 127.0.0.1: neither can be changed (tried
 * on 26.7: password, `--user`, other networks), and the users file is read once, so nothing can be closed afterwards.
 * What closes the door for everybody else is the session limit: the engine's own session is the one session `default`
 * may have for as long as the process lives, so each request over HTTP or TCP ends with code 700. The grants hold what
 * the opening statements need, in case that limit ever stops working.
 *
 * The supervisor's password is new at each start and never written in the clear.
 */
export const renderSessionFile = (options: { database: string; supervisor: Credentials }): string =>
  renderXml({
    clickhouse: {
      profiles: {
        default: {},
        embedded_session: {
          max_sessions_for_user: 1,
          constraints: { max_sessions_for_user: { const: {} } },
        },
        embedded_supervisor: {},
      },
      quotas: { default: {} },
      users: {
        default: {
          password: '',
          networks: { ip: '127.0.0.1' },
          profile: 'embedded_session',
          quota: 'default',
          grants: {
            query: [
              'GRANT SYSTEM LISTEN ON *.*',
              'GRANT SELECT ON system.numbers',
              `GRANT CREATE DATABASE ON ${options.database}.*`,
            ],
          },
        },
        [options.supervisor.user]: {
          password_sha256_hex: createHash('sha256').update(options.supervisor.password).digest('hex'),
          networks: { ip: ['127.0.0.1', '::1'] },
          profile: 'embedded_supervisor',
          quota: 'default',
          grants: {
            query: [
              'GRANT SYSTEM LISTEN ON *.*',
              'GRANT SYSTEM FLUSH LOGS ON *.*',
              'GRANT SELECT ON system.processes',
            ],
          },
        },
      },
    },
  });
