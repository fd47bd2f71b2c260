import type { Socket } from 'node:net';

/** How often connections are looked at, and for how long one may take next to nothing of what waits for it. */
const LOOK_MS = 1000;
const PATIENCE_MS = 10_000;
/** The slowest phone takes more in that time; whoever takes a byte now and then does not. */
const LEAST_BYTES = 10 * 1024;

/** A connection whose answers wait to be read. */
interface Reader {
  /** `performance.now()` when it was looked at first, and what the kernel had taken then. */
  since: number;
  taken: number;
}

/** What left this process: `bytesWritten` counts what still waits in it, too. */
const takenBy = (socket: Socket): number => socket.bytesWritten - socket.writableLength;

/**
 * Cuts clients that ask and do not read the answers. Node's timeouts are about requests that arrive slowly: an answer
 * that nobody takes holds its connection, and with it a file handle, for ever.
 * @param cut hears of each
 */
export const watchReaders = (sockets: ReadonlySet<Socket>, cut: () => void): { stop(): void } => {
  const waiting = new Map<Socket, Reader>();

  const look = (): void => {
    const now = performance.now();
    for (const socket of waiting.keys()) if (!sockets.has(socket)) waiting.delete(socket);
    for (const socket of sockets) {
      if (socket.writableLength === 0) {
        waiting.delete(socket);
        continue;
      }
      const taken = takenBy(socket);
      const reader = waiting.get(socket);
      if (!reader || taken - reader.taken >= LEAST_BYTES) {
        waiting.set(socket, { since: now, taken });
      } else if (now - reader.since >= PATIENCE_MS) {
        waiting.delete(socket);
        cut();
        // a reset, so that the kernel drops what it holds for it, too
        socket.resetAndDestroy();
      }
    }
  };
  const timer = setInterval(look, LOOK_MS).unref();
  return { stop: () => clearInterval(timer) };
};
