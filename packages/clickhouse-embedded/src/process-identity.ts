import { readFileSync } from 'node:fs';

/** A process id is reused; together with its start time and the boot it belongs to one process for ever. */
export interface ProcessIdentity {
  pid: number;
  /** Clock ticks after boot, as in field 22 of `/proc/<pid>/stat`. */
  startTicks: string;
  bootId: string;
}

/** Identity of a running process; `null` when there is none, or only a zombie that waits to be collected. */
export const identify = (pid: number): ProcessIdentity | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name (field 2) may hold spaces and brackets: count from its last bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, startTicks] = [fields[0], fields[19]];
    if (state === 'Z' || state === 'X' || startTicks === undefined) return null;
    return { pid, startTicks, bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    throw error;
  }
};

export const isAlive = (process: ProcessIdentity): boolean => {
  const now = identify(process.pid);
  return now !== null && now.startTicks === process.startTicks && now.bootId === process.bootId;
};
