import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ClickHouseError, BackupRefused } from '../errors.js';
import type { ClickHouse } from '../schema/index.js';
import { copyProven, describeFiles, moveFolder, archiveOf } from './archive-files.js';
import type { ArchiveFile, Manifest } from './manifest.js';

/** Name of the disk that a ClickHouse server must offer for backups. */
export const SERVER_DISK = 'backups';

/** Where the engine writes archives to and reads them from. */
export interface Place {
  /** @throws {BackupRefused} naming what is missing */
  expectUsable(): Promise<void>;
  /** Something for `BACKUP … TO` under a name of its own. */
  target(name: string): Promise<string>;
  /** The same archive for `RESTORE … FROM`, until it is collected. */
  written(name: string): string;
  /** Takes the archive written under a name into a folder, and describes it. */
  collect(name: string, folder: string): Promise<Pick<Manifest, 'archive' | 'files'>>;
  /**
   * Something for `RESTORE … FROM`; `release` takes away what had to be copied.
   * @throws {BackupRefused} when the archive is not what its manifest says
   */
  source(folder: string, manifest: Manifest): Promise<{ sql: string; release(): Promise<void> }>;
  /** Forgets an archive that was not finished. */
  discard(name: string): Promise<void>;
}

const literal = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/** Names of archives on their way. */
const OURS = /^(restore-)?\d{8}T\d{6}Z-[0-9a-f]{6}-(data|keys)$/;

/** The embedded engine runs on this host and may use `<its folder>/backups`. */
export const engineFolder = (engineDir: string): Place => {
  const own = (name: string): string => join(engineDir, 'backups', name);
  return {
    expectUsable: async () => {
      // what a killed backup or restore left there
      for (const name of await readdir(join(engineDir, 'backups')))
        if (OURS.test(name)) await rm(own(name), { recursive: true });
    },
    target: async (name) => {
      await rm(own(name), { recursive: true, force: true });
      return `File(${literal(own(name))})`;
    },
    written: (name) => `File(${literal(own(name))})`,
    collect: async (name, folder) => {
      await moveFolder(own(name), archiveOf(folder));
      const files: ArchiveFile[] = await describeFiles(folder);
      return { archive: { kind: 'file' }, files };
    },
    source: async (folder, manifest) => {
      if (manifest.archive.kind !== 'file')
        throw new BackupRefused(`${folder}: the archive lies on a disk of a ClickHouse server, not here`);
      const copy = own(`restore-${manifest.id}-${manifest.kind}`);
      const release = (): Promise<void> => rm(copy, { recursive: true, force: true });
      await release();
      await mkdir(copy, { recursive: true, mode: 0o700 });
      try {
        await copyProven(folder, manifest.files, copy);
      } catch (error) {
        await release();
        throw error;
      }
      return { sql: `File(${literal(copy)})`, release };
    },
    discard: (name) => rm(own(name), { recursive: true, force: true }),
  };
};

/** A server keeps its archives on a disk of its own, which this process cannot see. */
export const serverDisk = (clickhouse: () => ClickHouse, cluster: string | null): Place => {
  const expectUsable = async (): Promise<void> => {
    if (cluster !== null)
      throw new BackupRefused(`a cluster is not backed up from here: use BACKUP … ON CLUSTER ${cluster}`);
    const client = clickhouse();
    try {
      const disks = await client.rows<{ name: string }>('SELECT name FROM system.disks');
      if (disks.some(({ name }) => name === SERVER_DISK)) return;
    } finally {
      await client.close();
    }
    throw new BackupRefused(
      `the ClickHouse server has no disk "${SERVER_DISK}": declare it under <storage_configuration><disks> and ` +
        `allow it under <backups><allowed_disk>`,
    );
  };
  const target = (name: string): string => `Disk(${literal(SERVER_DISK)}, ${literal(name)})`;
  return {
    expectUsable,
    target: (name) => Promise.resolve(target(name)),
    written: target,
    collect: (name) =>
      Promise.resolve({ archive: { kind: 'disk', disk: SERVER_DISK, path: name }, files: [] }),
    source: (folder, { archive }) => {
      if (archive.kind !== 'disk')
        throw new BackupRefused(
          `${folder}: the archive is a folder; a ClickHouse server restores from its disk`,
        );
      return Promise.resolve({ sql: target(archive.path), release: () => Promise.resolve() });
    },
    // nothing on a server's disk can be removed from here
    discard: () => Promise.resolve(),
  };
};

/** What the server says when its configuration is in the way, in one line. */
export const refusedBy = (error: unknown): unknown =>
  error instanceof ClickHouseError
    ? new BackupRefused(`ClickHouse refused (${error.number}): ${error.message.split('\n')[0]}`, {
        cause: error,
      })
    : error;
