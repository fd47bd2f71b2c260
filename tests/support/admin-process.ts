import { createAdmin } from './admin.js';
import type { Collector } from './collector.js';
import { freePorts } from './ports.js';
import { repositoryFile, startProgram, type Program } from './program.js';
import { OWNER_TOKEN } from './site.js';
import { until } from './until.js';

/**
 * The role `admin` in a process of its own, beside a collector of the role `flush`: the same settings and folder, another
 * port. What it answers is asked as of any collector; `kill`, `start` and `program` are its own.
 */
export const startAdmin = async (flush: Collector): Promise<Collector> => {
  const [port] = (await freePorts(1)) as [number];
  const env = { ...flush.env, LINTEL_ADMIN_PORT: String(port) };
  const adminUrl = `http://127.0.0.1:${port}`;
  let program: Program;

  const start = async (more: Record<string, string> = {}): Promise<void> => {
    program = startProgram(
      process.execPath,
      [repositoryFile('packages/collector/bin/lintel.js'), 'start', '--role', 'admin'],
      { env: { ...env, ...more } },
    );
    await until('the admin process is ready', async () => {
      if (!program.running()) throw new Error(`it ended: ${program.stderr()}${program.stdout()}`);
      return fetch(`${adminUrl}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    });
  };
  const stop = (): Promise<number | NodeJS.Signals> => {
    program.signal('SIGTERM');
    return program.ended;
  };
  await start();
  return {
    ...flush,
    adminUrl,
    env,
    admin: createAdmin(adminUrl, OWNER_TOKEN),
    program: () => program,
    start,
    kill: () => program.kill(),
    stop,
    remove: async () => {
      if (program.running()) await stop();
    },
  };
};
