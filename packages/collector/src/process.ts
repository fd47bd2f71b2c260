import { BadSettings } from './errors.js';

/** Bad settings: a service manager must not restart (`RestartPreventExitStatus=78`). */
const EXIT_SETTINGS = 78;

/** One clear line for what the operator can mend, the stack for what he cannot. */
export const fail = (error: unknown): never => {
  const settings =
    error instanceof BadSettings || (error as { exitCode?: number }).exitCode === EXIT_SETTINGS;
  process.stderr.write(
    settings ? `lintel: ${(error as Error).message}\n` : `${String((error as Error)?.stack ?? error)}\n`,
  );
  process.exit(settings ? EXIT_SETTINGS : 1);
};

/** Runs `stop` once on SIGTERM or Ctrl-C and exits 0; a second signal does not wait. */
export const stopOnSignal = (stop: () => Promise<void>): void => {
  let stopping = false;
  const handle = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    stop().then(() => process.exit(0), fail);
  };
  process.on('SIGTERM', handle);
  process.on('SIGINT', handle);
};
