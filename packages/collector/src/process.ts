import { BadSettings } from './errors.js';

/** Bad settings: a service manager must not restart (`RestartPreventExitStatus=78`). */
const EXIT_SETTINGS = 78;

/** A file or folder that is in the way, read-only or somebody else's; a retry does not mend it. */
const UNUSABLE = new Set(['ENOTDIR', 'EISDIR', 'EACCES', 'EPERM', 'EROFS']);

/** In words what the operator can mend; null for what he cannot. */
const mendable = (error: unknown): string | null => {
  const { code, syscall, path, address, port, exitCode, message } = error as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
    exitCode?: number;
  };
  if (error instanceof BadSettings || exitCode === EXIT_SETTINGS) return message;
  if (path !== undefined && UNUSABLE.has(code ?? '')) return `${path} cannot be used: ${code}`;
  if (syscall !== 'listen') return null;
  const why = code === 'EADDRINUSE' ? 'is in use' : code === 'EACCES' ? 'may not be opened' : String(code);
  return `address ${address}:${port} ${why}`;
};

/** One clear line for what the operator can mend, the stack for what he cannot. */
export const fail = (error: unknown): never => {
  const line = mendable(error);
  process.stderr.write(line === null ? `${String((error as Error)?.stack ?? error)}\n` : `lintel: ${line}\n`);
  process.exit(line === null ? 1 : EXIT_SETTINGS);
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
