import cluster, { type Worker } from 'node:cluster';
import type { Exchange } from './exchange.js';

/** As it travels between a worker and its parent. */
interface Envelope {
  limits: string;
}

const isEnvelope = (message: unknown): message is Envelope =>
  typeof (message as Envelope | null)?.limits === 'string';

/** In a worker: over its parent, which must `relayExchange`. */
export const openWorkerExchange = (): Exchange => {
  let unsent = false;
  const listeners: ((message: unknown) => void)[] = [];
  return {
    send: (message) => {
      if (unsent || !process.connected) return;
      unsent = true;
      process.send!({ limits: message } satisfies Envelope, undefined, undefined, () => {
        unsent = false;
      });
    },
    onMessage: (listener) => {
      const listen = (message: unknown): void => {
        if (isEnvelope(message)) listener(message.limits);
      };
      listeners.push(listen);
      process.on('message', listen);
    },
    close: () => {
      for (const listen of listeners) process.off('message', listen);
    },
  };
};

/** In the parent: hands each message of a worker to the others. @returns ends it */
export const relayExchange = (): (() => void) => {
  const relay = (from: Worker, message: unknown): void => {
    if (!isEnvelope(message)) return;
    for (const worker of Object.values(cluster.workers ?? {})) {
      if (!worker || worker === from || !worker.isConnected()) continue;
      // one that is just dying hears nothing
      worker.send(message, () => {});
    }
  };
  cluster.on('message', relay);
  return () => {
    cluster.off('message', relay);
  };
};
