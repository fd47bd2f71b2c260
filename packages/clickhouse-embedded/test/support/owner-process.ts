import type { CredentialsByRole } from '../../src/index.js';
import { startNode, type Started } from './processes.js';
import { until } from './until.js';

export interface OwnerProcess extends Started {
  url: string;
  credentials: CredentialsByRole;
  enginePid: number;
}

/** Another process that has started an engine in `dir`. */
export const startOwner = async (dir: string): Promise<OwnerProcess> => {
  const started = startNode('test/support/owner.ts', [dir]);
  const line = await until('the owner is ready', () => {
    if (started.child.exitCode !== null) throw new Error(started.stderr());
    return started.stdout().split('\n')[1] === undefined ? null : started.stdout().split('\n')[0];
  });
  return { ...started, ...(JSON.parse(line) as Pick<OwnerProcess, 'url' | 'credentials' | 'enginePid'>) };
};
