import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Path of a Node of the given major version: the running one, or one fetched from npm (`node-<platform>-<arch>`, the
 * binaries behind the package `node`) into this folder's `.build`.
 * @returns null where it cannot be had
 */
export const nodeRelease = (major: number): string | null => {
  if (Number(process.versions.node.split('.')[0]) === major) return process.execPath;
  const name = `node-${process.platform}-${process.arch}`;
  const folder = fileURLToPath(new URL(`./.build/node-${major}`, import.meta.url));
  const binary = `${folder}/node_modules/${name}/bin/node`;
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  try {
    const install = ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund'];
    execFileSync('npm', [...install, `${name}@${major}`], { stdio: 'ignore', timeout: 300_000 });
    return existsSync(binary) ? binary : null;
  } catch {
    return null;
  }
};

/** As `v24.1.0`. */
export const versionOf = (binary: string): string => String(execFileSync(binary, ['--version'])).trim();
