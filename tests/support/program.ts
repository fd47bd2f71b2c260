import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Path of a file of the repository. */
export const repositoryFile = (name: string): string =>
  fileURLToPath(new URL(`../../${name}`, import.meta.url));

export interface Program {
  pid: number;
  stdout(): string;
  stderr(): string;
  running(): boolean;
  /** Exit code, or the signal that ended it, once all it wrote has been read. */
  ended: Promise<number | NodeJS.Signals>;
  signal(name: NodeJS.Signals): void;
  /** kill -9, and wait until it is gone. */
  kill(): Promise<void>;
}

const running = new Set<ChildProcess>();
// A test that fails half-way must leave nothing behind; `exit` handlers may only do what is synchronous.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** The environment of a person's shell without settings of ours in it. */
const cleanEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(LINTEL_|NODE_OPTIONS|npm_)/.test(name)),
  );

/** Starts a program with exactly the given settings. */
export const startProgram = (
  command: string,
  args: readonly string[],
  options: {
    env?: NodeJS.ProcessEnv;
    cwd?: string;
    /** Instead of a pipe that is read. */ stdout?: number;
  } = {},
): Program => {
  const child = spawn(command, args, {
    cwd: options.cwd ?? repositoryFile(''),
    env: { ...cleanEnvironment(), ...options.env },
    stdio: ['ignore', options.stdout ?? 'pipe', 'pipe'],
  });
  running.add(child);
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr!.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      running.delete(child);
      resolve(code ?? signal!);
    });
  });
  return {
    pid: child.pid!,
    stdout: () => stdout,
    stderr: () => stderr,
    running: () => child.exitCode === null && child.signalCode === null,
    ended,
    signal: (name) => void child.kill(name),
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
};
