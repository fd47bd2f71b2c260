import { createHash } from 'node:crypto';
import { Type, type Static } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { BackupRefused } from '../errors.js';

const Count = Type.Integer({ minimum: 0 });
const Name = Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' });

const ManifestSchema = Type.Object({
  /** Of this file. A higher one is refused. */
  format: Type.Integer(),
  /** Of the backup: data and keys of one backup share it. */
  id: Type.String({ pattern: '^[0-9]{8}T[0-9]{6}Z-[0-9a-f]{6}$' }),
  kind: Type.Union([Type.Literal('data'), Type.Literal('keys')]),
  /** ISO 8601, UTC: when the flush rested. */
  created: Type.String(),
  /** Version of the collector. */
  collector: Type.String(),
  /** What ClickHouse said of itself. */
  engine: Type.String(),
  /** Applied migrations; the hash tells whether this build's are the same. */
  migrations: Type.Array(Type.Object({ version: Count, sha256: Type.String() })),
  database: Name,
  /** Newest batch of each source in the archive: everything up to it is covered. Empty for keys. */
  covers: Type.Array(Type.Object({ source: Type.String(), batch: Type.String(), batches: Count })),
  /** What the buffers had counted: on another machine the ledger goes on from there. Empty for keys. */
  books: Type.Array(
    Type.Object({ buffer: Type.String(), site: Count, accepted: Count, committed: Count, known: Count }),
  ),
  tables: Type.Array(
    Type.Object({
      name: Name,
      /** Rows that differ by their key where a repeat is folded. */
      rows: Count,
      /** `groupBitXor(cityHash64(tuple(*)))`. */
      hash: Type.String({ pattern: '^[0-9]{1,20}$' }),
    }),
  ),
  /** `file`: beside this manifest, in `archive/`; `disk`: at `path` of a disk of the server. */
  archive: Type.Union([
    Type.Object({ kind: Type.Literal('file') }),
    Type.Object({ kind: Type.Literal('disk'), disk: Type.String(), path: Type.String() }),
  ]),
  /** Every file of the archive; empty for one on a server's disk. */
  files: Type.Array(
    Type.Object({ path: Type.String(), size: Count, sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }) }),
  ),
});

/** What stands beside an archive and says what must be in it. */
export type Manifest = Static<typeof ManifestSchema>;
export type TableContents = Manifest['tables'][number];
export type ArchiveFile = Manifest['files'][number];

/** Of the manifests that this build writes and understands. */
export const MANIFEST_FORMAT = 1;

const digest = (manifest: Manifest): string =>
  createHash('sha256').update(JSON.stringify(manifest)).digest('hex');

/** Text of a manifest; its last line proves the rest. Pure. */
export const renderManifest = (manifest: Manifest): string =>
  `${JSON.stringify(manifest, null, 1)}\n${digest(manifest)}\n`;

/**
 * Pure.
 * @throws {BackupRefused} for text that is not what was written
 */
export const parseManifest = (text: string): Manifest => {
  const damaged = new BackupRefused('the manifest is damaged');
  const [hash = '', ...lines] = text.trimEnd().split('\n').reverse();
  let value: unknown;
  try {
    value = JSON.parse(lines.reverse().join('\n'));
  } catch {
    throw damaged;
  }
  const { format } = (value ?? {}) as { format?: unknown };
  if (typeof format === 'number' && format > MANIFEST_FORMAT) {
    throw new BackupRefused(
      `the manifest has format ${format}, this build reads ${MANIFEST_FORMAT}: a newer Lintel made it`,
    );
  }
  if (!Value.Check(ManifestSchema, value) || digest(value) !== hash) throw damaged;
  return value;
};

/** What is here to restore into. */
export interface Present {
  engine: string;
  migrations: readonly { version: number; sha256: string }[];
}

/** ClickHouse's release train: year and month. */
const train = (version: string): number => {
  const match = /^(\d+)\.(\d+)/.exec(version);
  return match ? Number(match[1]) * 100 + Number(match[2]) : 0;
};

/**
 * Whether this build and this engine can take the backup. Pure.
 * @throws {BackupRefused} naming both sides
 */
export const expectFits = (manifest: Manifest, present: Present): void => {
  if (train(manifest.engine) === 0 || train(manifest.engine) > train(present.engine)) {
    throw new BackupRefused(
      `the backup was made by engine ${manifest.engine}, this one is ${present.engine}: use that or a newer one`,
    );
  }
  const known = new Map(present.migrations.map(({ version, sha256 }) => [version, sha256]));
  const newest = Math.max(0, ...known.keys());
  const schema = Math.max(0, ...manifest.migrations.map(({ version }) => version));
  if (schema > newest) {
    throw new BackupRefused(
      `the backup has schema ${schema}, this build knows ${newest}: use a newer Lintel`,
    );
  }
  for (const { version, sha256 } of manifest.migrations) {
    if (known.get(version) !== sha256) {
      throw new BackupRefused(`migration ${version} of the backup is not the one of this build`);
    }
  }
};

/**
 * Pure. @returns the first difference in words, or null
 */
export const differenceOf = (
  wanted: readonly TableContents[],
  found: readonly TableContents[],
): string | null => {
  for (const { name, rows, hash } of wanted) {
    const there = found.find((table) => table.name === name);
    if (!there) return `table ${name} is missing`;
    if (there.rows !== rows) return `table ${name} has ${there.rows} rows, the manifest says ${rows}`;
    if (there.hash !== hash) return `the contents of table ${name} are not those of the manifest`;
  }
  return null;
};
