import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

export const hasStrace = (): boolean => existsSync('/usr/bin/strace');

/** Threads of a process that nobody traces yet. */
const untraced = (pid: number): number => {
  try {
    return readdirSync(`/proc/${pid}/task`).filter((thread) =>
      /^TracerPid:\s+0$/m.test(readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8')),
    ).length;
  } catch {
    return 0;
  }
};

export interface Strace {
  /** Lets go of the process, if it still lives. */
  detach(): Promise<void>;
}

/**
 * Attaches to a running process and injects a fault; resolves when every thread is held.
 * @param syscalls comma-separated   @param fault for instance `signal=SIGKILL:when=3`; `when` counts per thread
 */
export const inject = async (pid: number, syscalls: string, fault: string): Promise<Strace> => {
  const child = spawn(
    'strace',
    [
      '-f',
      '-qq',
      '-o',
      '/dev/null',
      '-e',
      `trace=${syscalls}`,
      '-e',
      `inject=${syscalls}:${fault}`,
      '-p',
      String(pid),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.on('data', (text) => (said += String(text)));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  for (let tries = 0; untraced(pid) > 0; tries++) {
    if (tries > 500 || child.exitCode !== null) throw new Error(`strace does not hold ${pid}: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return {
    detach: async () => {
      if (child.exitCode === null) child.kill('SIGINT');
      await ended;
    },
  };
};
