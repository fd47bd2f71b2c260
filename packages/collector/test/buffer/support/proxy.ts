import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Between the collector and Redis, one for all connections. */
export interface TcpProxy {
  url: string;
  /** Added to each direction's bytes. */
  delayMs: number;
  /** Cuts the connection instead of passing on the answer to the next chunk that contains `word`. */
  loseAnswerTo(word: string): void;
  /** Connections from now on lead to another port. */
  target(port: number): void;
  /** Answers lost by now. */
  lost: number;
  close(): Promise<void>;
}

export const startTcpProxy = async (first: number): Promise<TcpProxy> => {
  let port = first;
  const sockets = new Set<Socket>();
  let losing: string | null = null;
  const proxy = { delayMs: 0, lost: 0 } as TcpProxy;

  /** One direction of one connection: bytes keep their order, also when the delay falls while some are under way. */
  const direction = (): ((act: () => void) => void) => {
    let before: Promise<void> = Promise.resolve();
    return (act) => {
      const arrived = new Promise<void>((resolve) => setTimeout(resolve, proxy.delayMs));
      before = before.then(() => arrived).then(act);
    };
  };

  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    const [up, down] = [direction(), direction()];
    let harmed = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (chunk) => {
      if (losing !== null && chunk.includes(losing)) {
        losing = null;
        harmed = true;
      }
      up(() => void upstream.write(chunk));
    });
    upstream.on('data', (chunk) => {
      if (harmed) {
        proxy.lost += 1;
        client.destroy();
      } else down(() => void client.write(chunk));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy.url = `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
  proxy.target = (next) => {
    port = next;
  };
  proxy.loseAnswerTo = (word) => {
    losing = word;
  };
  proxy.close = () =>
    new Promise((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => {
        resolve();
      });
    });
  return proxy;
};
