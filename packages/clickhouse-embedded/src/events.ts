/** What happens to the engine while it is supervised; meant for a log and for a restart counter. */
export type EngineEvent =
  | { kind: 'lock_recovered'; ownerPid: number; enginePid: number | null }
  | { kind: 'ready'; pid: number; startMs: number; version: string }
  | { kind: 'exited'; pid: number; exitCode: number | null; signal: string | null; logTail: string }
  | { kind: 'hung'; pid: number; missedPings: number }
  | { kind: 'restarting'; attempt: number; delayMs: number }
  | { kind: 'restart_failed'; attempt: number; message: string; logTail: string }
  | { kind: 'stopped'; stopMs: number; interruptedQueries: number };

export type EngineEventListener = (event: EngineEvent) => void;
