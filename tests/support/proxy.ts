import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * What happens to bytes on their way: `pass` them on, each after a delay; `hole`: take everything and answer nothing, as
 * a machine that lost its network; `swallow`: the server hears everything, its answers are lost; `refuse` connections.
 */
export type Mode = 'pass' | 'hole' | 'swallow' | 'refuse';

export interface Proxy {
  port: number;
  url: string;
  /** Holds for connections that are open already, too. */
  set(mode: Mode, delayMs?: number): void;
  /** Resets every open connection. */
  cut(): void;
  /** Connections taken so far. */
  taken(): number;
  remove(): Promise<void>;
}

/**
 * A TCP proxy in front of a port of this machine.
 * @param at where it listens, for one that takes the place of another; by default on a free port of 127.0.0.1
 */
export const startProxy = async (
  targetPort: number,
  at: { address: string; port: number } = { address: '127.0.0.1', port: 0 },
): Promise<Proxy> => {
  let [mode, delayMs, taken]: [Mode, number, number] = ['pass', 0, 0];
  const sockets = new Set<Socket>();

  const pipe = (from: Socket, to: Socket, passes: () => boolean): void => {
    // bytes keep their order, also when the delay falls while some are under way
    let before: Promise<void> = Promise.resolve();
    const later = (act: () => void): void => {
      const arrived = new Promise<void>((resolve) => setTimeout(resolve, delayMs));
      before = before.then(() => arrived).then(act);
    };
    from.on('data', (chunk: Buffer) => {
      if (passes()) later(() => to.writable && void to.write(chunk));
    });
    from.on('close', () => later(() => to.destroy()));
    from.on('error', () => to.destroy());
  };

  const server = createServer((client) => {
    taken += 1;
    if (mode === 'refuse') {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(targetPort, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.once('close', () => sockets.delete(socket));
    }
    pipe(client, upstream, () => mode !== 'hole');
    pipe(upstream, client, () => mode === 'pass');
  });
  await new Promise<void>((resolve) => server.listen(at.port, at.address, resolve));
  const { port } = server.address() as AddressInfo;
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port,
    url: `http://${at.address}:${port}`,
    set: (next, delay = 0) => {
      [mode, delayMs] = [next, delay];
    },
    cut,
    taken: () => taken,
    remove: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
};
