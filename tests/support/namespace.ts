import { spawnSync } from 'node:child_process';
import { startProgram, repositoryFile } from './program.js';

/** Percent of all packets between processes of the namespace that never arrive. */
const LOSE = (percent: number): string =>
  [
    'ip link set lo up',
    'nft add table inet lintel',
    "nft add chain inet lintel out '{ type filter hook output priority 0; }'",
    `nft add rule inet lintel out numgen random mod 100 '<' ${percent} counter drop`,
  ].join(' && ');

/** Why no network of our own can be had here, or null. */
export const missingForNamespace = (): string | null => {
  if (process.getuid?.() !== 0) return 'a network of its own needs root';
  const tried = spawnSync('unshare', ['-n', 'sh', '-c', LOSE(1)]);
  return tried.status === 0 ? null : 'needs unshare, ip (iproute2) and nft (nftables)';
};

/** Runs a mocha file in a network of its own: nothing but a loopback that loses packets. @returns its exit code and report */
export const runInLossyNetwork = async (
  file: string,
  percent: number,
): Promise<{ code: number | NodeJS.Signals; report: string }> => {
  const program = startProgram(
    'unshare',
    [
      '-n',
      'sh',
      '-c',
      `${LOSE(percent)} && "$0" "$@"; code=$?; nft list table inet lintel | grep counter; exit $code`,
      process.execPath,
      repositoryFile('node_modules/mocha/bin/mocha.js'),
      '--exit',
      file,
    ],
    { cwd: repositoryFile('tests') },
  );
  const code = await program.ended;
  return { code, report: `${program.stdout()}${program.stderr()}` };
};
