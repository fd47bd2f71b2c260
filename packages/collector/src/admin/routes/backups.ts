import { isAbsolute } from 'node:path';
import { Type } from '@sinclair/typebox';
import type { Backups } from '../../backup/index.js';
import { BadParameter, CollectorError } from '../../errors.js';
import type { BackupMark } from '../../flush/index.js';
import { defineRoute, type Route } from '../route.js';
import type { Token } from '../tokens.js';

export interface BackupsOptions {
  backups: Backups;
  /** The last one that this host made. */
  lastBackup: () => BackupMark | null;
  /** Folder of backups unless one is named. */
  folder: string;
}

const Folder = Type.String({ minLength: 1, maxLength: 4096, description: 'absolute path on the host' });

const OperationAnswer = Type.Object({
  kind: Type.String({ description: 'backup or restore' }),
  startedAt: Type.Integer({ description: 'epoch ms' }),
  endedAt: Type.Union([Type.Integer(), Type.Null()]),
  step: Type.String(),
  error: Type.Union([Type.Object({ code: Type.String(), message: Type.String() }), Type.Null()]),
  backup: Type.Unknown({ description: 'what was made' }),
  restore: Type.Unknown({ description: 'what came back, and what did not' }),
});

const absolute = (parameter: string, path: string): string => {
  if (!isAbsolute(path)) throw new BadParameter(parameter, `${parameter} must be an absolute path`);
  return path;
};

/** A backup holds every site. */
const expectEverySite = (token: Token): void => {
  if (token.sites !== '*') throw new CollectorError('FORBIDDEN', 'this needs a token for every site');
};

/** Backup and restore run in the background; whoever asks looks at how far they are. */
export const backupRoutes = ({ backups, lastBackup, folder }: BackupsOptions): Route[] => [
  defineRoute({
    method: 'get',
    path: '/api/admin/backups',
    permission: 'backups.read',
    summary: 'The backup or restore that runs or ran last, and the last backup of this host',
    query: Type.Object({}),
    answer: Type.Object({
      operation: Type.Union([OperationAnswer, Type.Null()]),
      lastBackup: Type.Union([Type.Object({ id: Type.String(), at: Type.Integer() }), Type.Null()]),
    }),
    handle: (_input, { token }) => {
      expectEverySite(token);
      return Promise.resolve({ operation: backups.current(), lastBackup: lastBackup() });
    },
  }),
  defineRoute({
    method: 'post',
    path: '/api/admin/backups',
    permission: 'backups.create',
    summary: 'Begins a backup; the flush rests for a moment, intake goes on',
    query: Type.Object({}),
    body: Type.Object(
      { to: Type.Optional(Folder), keysTo: Type.Optional(Folder) },
      { additionalProperties: false },
    ),
    answer: OperationAnswer,
    handle: ({ body }, { token }) => {
      expectEverySite(token);
      const to = absolute('to', body.to ?? folder);
      return Promise.resolve(backups.backup({ to, keysTo: absolute('keysTo', body.keysTo ?? `${to}-keys`) }));
    },
  }),
  defineRoute({
    method: 'post',
    path: '/api/admin/backups/restore',
    permission: 'backups.restore',
    summary: 'Puts a backup in the place of the live tables, and brings back what was stored since',
    query: Type.Object({}),
    body: Type.Object({ from: Folder, keysFrom: Type.Optional(Folder) }, { additionalProperties: false }),
    answer: OperationAnswer,
    handle: ({ body }, { token }) => {
      expectEverySite(token);
      return Promise.resolve(
        backups.restore({
          from: absolute('from', body.from),
          keysFrom: body.keysFrom === undefined ? null : absolute('keysFrom', body.keysFrom),
        }),
      );
    },
  }),
];
