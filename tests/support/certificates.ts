import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freshFolder } from './folder.js';

export interface Certificate {
  key: Buffer;
  cert: Buffer;
}

export interface Authority {
  /** For a host name. @param days first and last day of its life, from today: [-30, -1] ran out yesterday */
  issue(host: string, days: readonly [from: number, until: number]): Certificate;
  /** Makes a Chromium that is started with this HOME trust it. */
  trustIn(home: string): void;
  remove(): void;
}

const DAY_MS = 86_400_000;
const CONFIG = `[ca]
default_ca = own
[own]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
`;

/** What is not installed, or null. */
export const missingForCertificates = (): string | null => {
  for (const [program, args, from] of [
    ['openssl', ['version'], 'openssl'],
    ['certutil', ['-H'], 'libnss3-tools'],
  ] as const)
    if (spawnSync(program, args).error) return `${program} (${from}) is not installed`;
  return null;
};

const run = (cwd: string, command: string, ...args: readonly string[]): void => {
  const { status, stderr } = spawnSync(command, args, { cwd });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr.toString()}`);
};

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
/** As openssl writes a day. */
const dayOf = (offset: number): string =>
  new Date(Date.now() + offset * DAY_MS).toISOString().replace(/[-:T]/g, '').replace(/\.\d+/, '');

/** A certificate authority of our own. */
export const createAuthority = (): Authority => {
  const { path, remove } = freshFolder();
  const openssl = (...args: readonly string[]): void => run(path, 'openssl', ...args);
  for (const [name, text] of [
    ['config', CONFIG],
    ['index', ''],
    ['serial', '1000\n'],
  ] as const)
    writeFileSync(join(path, name), text);
  openssl(
    'req',
    '-x509',
    ...KEY,
    ...['-keyout', 'ca.key', '-out', 'ca.pem', '-days', '3650', '-subj', '/CN=Lintel tests'],
  );
  let issued = 0;
  return {
    issue: (host, [from, until]) => {
      const name = `leaf-${(issued += 1)}`;
      writeFileSync(join(path, `${name}.ext`), `subjectAltName=DNS:${host}\n`);
      openssl('req', ...KEY, ...['-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${host}`]);
      openssl(
        'ca',
        ...['-batch', '-notext', '-config', 'config', '-cert', 'ca.pem', '-keyfile', 'ca.key'],
        ...['-in', `${name}.csr`, '-out', `${name}.pem`, '-extfile', `${name}.ext`],
        ...['-startdate', dayOf(from), '-enddate', dayOf(until)],
      );
      return {
        key: readFileSync(join(path, `${name}.key`)),
        cert: readFileSync(join(path, `${name}.pem`)),
      };
    },
    trustIn: (home) => {
      const store = join(home, '.pki', 'nssdb');
      mkdirSync(store, { recursive: true });
      run(path, 'certutil', '-d', `sql:${store}`, '-N', '--empty-password');
      run(path, 'certutil', '-d', `sql:${store}`, '-A', '-t', 'C,,', '-n', 'lintel', '-i', 'ca.pem');
    },
    remove,
  };
};
