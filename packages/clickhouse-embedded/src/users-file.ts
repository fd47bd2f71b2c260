import { createHash } from 'node:crypto';

import { ROLES, type CredentialsByRole, type Role } from './credentials.js';
import type { GrantsByRole } from './grants.js';
import { renderXml, type XmlTree } from './xml.js';

export interface UsersFileOptions {
  credentials: CredentialsByRole;
  grants: GrantsByRole;
  database: string;
  /** Where the users may come from; the default is this machine only. */
  networks?: readonly string[];
  /** Upper bound of memory for one query of the reader, bytes. */
  readerMemoryBytes: number;
}

const LOOPBACK = ['127.0.0.1', '::1'];

/** Grafana's data source opens 50 connections; two browsers' worth of panels must not be refused. */
const READER_CONCURRENT_QUERIES = 100;

const profiles = (options: UsersFileOptions): XmlTree => {
  const name = (role: Role): string => options.credentials[role].user;
  return {
    [name('reader')]: {
      readonly: 1,
      max_execution_time: 60,
      max_memory_usage: options.readerMemoryBytes,
      max_result_rows: 1_000_000,
      result_overflow_mode: 'throw',
      max_concurrent_queries_for_user: READER_CONCURRENT_QUERIES,
      // Grafana's data source sends max_execution_time with every query, which readonly = 1 refuses otherwise
      // (grafana/clickhouse-datasource#325). The lower bound: 0 would mean no limit.
      constraints: { max_execution_time: { min: 1, max: 65, changeable_in_readonly: {} } },
    },
    [name('writer')]: {},
    [name('migrator')]: {},
    [name('steward')]: {},
  };
};

const user = (role: Role, options: UsersFileOptions): XmlTree => {
  const { user: name, password } = options.credentials[role];
  return {
    password_sha256_hex: createHash('sha256').update(password).digest('hex'),
    networks: { ip: options.networks ?? LOOPBACK },
    profile: name,
    quota: name,
    default_database: options.database,
    // At least one statement must stand here: a user without <grants> may do everything.
    grants: {
      query: ['GRANT SELECT ON system.one', ...options.grants[role].map((grant) => `GRANT ${grant}`)],
    },
  };
};

/** One file of `users.d` with the four users. A ClickHouse server takes the same file. */
export const renderUsersFile = (options: UsersFileOptions): string => {
  const names = ROLES.map((role) => options.credentials[role].user);
  return renderXml({
    clickhouse: {
      profiles: profiles(options),
      // No limits: they count, so that `system.quotas_usage` tells who asks how much.
      quotas: Object.fromEntries(names.map((name) => [name, { interval: { duration: 3600, queries: 0 } }])),
      users: Object.fromEntries(ROLES.map((role) => [options.credentials[role].user, user(role, options)])),
    },
  });
};
