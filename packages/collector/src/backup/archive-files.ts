import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, cp, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sync, writeDurably } from '../durable-file.js';
import { BackupRefused } from '../errors.js';
import { parseManifest, renderManifest, type ArchiveFile, type Manifest } from './manifest.js';

const MANIFEST = 'manifest.json';
const ARCHIVE = 'archive';

export const archiveOf = (folder: string): string => join(folder, ARCHIVE);

/** Paths of all files under a folder, relative to it, sorted. */
const filesUnder = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
};

const sha256Of = async (file: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
};

/** Size and SHA-256 of every file of an archive, which is on the disk when this resolves. */
export const describeFiles = async (folder: string): Promise<ArchiveFile[]> => {
  const archive = archiveOf(folder);
  const files: ArchiveFile[] = [];
  const directories = new Set([archive]);
  for (const path of await filesUnder(archive)) {
    const file = join(archive, path);
    await sync(file);
    files.push({ path, size: (await stat(file)).size, sha256: await sha256Of(file) });
    directories.add(dirname(file));
  }
  for (const directory of directories) await sync(directory);
  return files;
};

/** A rename, or a copy where the target is another file system. */
export const moveFolder = async (from: string, to: string): Promise<void> => {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    await cp(from, to, { recursive: true, errorOnExist: true });
    await rm(from, { recursive: true });
  }
};

/** The last file of a backup: a folder without one is no backup. */
export const writeManifest = (folder: string, manifest: Manifest): Promise<void> =>
  writeDurably(folder, MANIFEST, Buffer.from(renderManifest(manifest)));

/** @throws {BackupRefused} naming the folder */
export const readManifest = async (folder: string): Promise<Manifest> => {
  let text: string;
  try {
    text = await readFile(join(folder, MANIFEST), 'utf8');
  } catch (error) {
    throw new BackupRefused(
      `${folder} is no backup: ${MANIFEST} cannot be read (${(error as NodeJS.ErrnoException).code})`,
    );
  }
  try {
    return parseManifest(text);
  } catch (error) {
    throw new BackupRefused(`${folder}: ${(error as Error).message}`);
  }
};

/**
 * Copies an archive to where the engine may read it, and proves the copy byte by byte: what is restored is what was
 * looked at.
 * @throws {BackupRefused} naming the first file that is missing, cut short or changed
 */
export const copyProven = async (
  folder: string,
  files: readonly ArchiveFile[],
  to: string,
): Promise<void> => {
  const archive = archiveOf(folder);
  for (const { path, size, sha256 } of files) {
    if (path.split('/').includes('..'))
      throw new BackupRefused(`${folder}: ${path} leads out of the archive`);
    const copy = join(to, path);
    await mkdir(dirname(copy), { recursive: true, mode: 0o700 });
    try {
      await copyFile(join(archive, path), copy);
    } catch (error) {
      throw new BackupRefused(`${folder}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
    }
    const found = (await stat(copy)).size;
    if (found !== size) {
      throw new BackupRefused(`${folder}: ${path} has ${found} bytes, the manifest says ${size}`);
    }
    if ((await sha256Of(copy)) !== sha256) {
      throw new BackupRefused(`${folder}: the checksum of ${path} is not the one of the manifest`);
    }
  }
};
