import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { EmbeddedError } from './errors.js';

/** One database user per job. */
export const ROLES = ['writer', 'reader', 'migrator', 'steward'] as const;
export type Role = (typeof ROLES)[number];

export interface Credentials {
  user: string;
  password: string;
}
export type CredentialsByRole = Record<Role, Credentials>;

/** 24 random bytes; letters, digits, - and _ only, so that it can stand in a URL or a shell without quoting. */
export const newPassword = (): string => randomBytes(24).toString('base64url');

const userOf = (userPrefix: string, role: Role): string => `${userPrefix}_${role}`;

const readPasswords = (file: string): Partial<Record<Role, string>> => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  try {
    const stored = JSON.parse(text) as Partial<Record<Role, Partial<Credentials>>>;
    return Object.fromEntries(
      ROLES.flatMap((role) => {
        const password = stored[role]?.password;
        return typeof password === 'string' && password.length > 0 ? [[role, password]] : [];
      }),
    );
  } catch (error) {
    throw new EmbeddedError(
      'CREDENTIALS_BAD',
      `${file} is not readable JSON; remove it to get new passwords`,
      {
        cause: error,
      },
    );
  }
};

/**
 * The passwords of `dir`: made at the first start, the same ever after (others, such as a dashboard, have copied them).
 * @throws {EmbeddedError} `CREDENTIALS_BAD`
 */
export const loadCredentials = (dir: string, userPrefix: string): CredentialsByRole => {
  const file = path.join(dir, 'credentials.json');
  const known = readPasswords(file);
  const credentials = Object.fromEntries(
    ROLES.map((role) => [role, { user: userOf(userPrefix, role), password: known[role] ?? newPassword() }]),
  ) as CredentialsByRole;
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
  chmodSync(draft, 0o600);
  renameSync(draft, file);
  return credentials;
};

/**
 * The passwords of an engine that another process of this host runs in `dir`; null before its first start.
 * @throws {EmbeddedError} `CREDENTIALS_BAD`
 */
export const readCredentials = (dir: string, userPrefix: string): CredentialsByRole | null => {
  const known = readPasswords(path.join(dir, 'credentials.json'));
  if (ROLES.some((role) => known[role] === undefined)) return null;
  return Object.fromEntries(
    ROLES.map((role) => [role, { user: userOf(userPrefix, role), password: known[role]! }]),
  ) as CredentialsByRole;
};
