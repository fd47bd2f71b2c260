import { pause } from './backoff.js';

/** Where the workers of a flusher rest while something needs the database to stand still. */
export interface Gate {
  readonly closed: boolean;
  close(): void;
  open(): void;
  /** Resolves when it opens, at the latest after `ms`. */
  opened(ms: number, signal: AbortSignal): Promise<void>;
}

export const createGate = (): Gate => {
  let closed: { opens: Promise<void>; open: () => void } | null = null;
  return {
    get closed() {
      return closed !== null;
    },
    close: () => {
      if (closed) return;
      let open = (): void => {};
      const opens = new Promise<void>((resolve) => (open = resolve));
      closed = { opens, open };
    },
    open: () => {
      closed?.open();
      closed = null;
    },
    opened: async (ms, signal) => {
      if (!closed) return;
      await Promise.race([closed.opens, pause(ms, signal)]);
    },
  };
};
