import { connect, createServer, type Socket } from 'node:net';

/** Between the client and ClickHouse; what it does to an exchange is decided per connection. */
export interface Proxy {
  url: string;
  /** How many of the next INSERTs get no answer: the request is passed on, the connection is cut on the answer. */
  swallow: number;
  /** Connections are cut: as if nobody listened. */
  refuse: boolean;
  /** INSERTs are kept back until `release`. */
  hold: boolean;
  /** INSERTs kept back now. */
  held: number;
  release(): void;
  /** Connections cut by now on an answer. */
  swallowed: number;
  close(): Promise<void>;
}

/** @param target port of ClickHouse   @param isInsert tells from the head of a request whether it is to be harmed */
export const startProxy = async (
  target: number,
  isInsert: (head: string) => boolean = (head) => head.includes('INSERT+INTO+%60lintel%60.events'),
): Promise<Proxy> => {
  const sockets = new Set<Socket>();
  const proxy = { url: '', swallow: 0, refuse: false, hold: false, held: 0, swallowed: 0 } as Proxy;
  let waiting: (() => void)[] = [];
  const server = createServer((client) => {
    sockets.add(client);
    client.on('error', () => {}).on('close', () => sockets.delete(client));
    if (proxy.refuse) {
      client.destroy();
      return;
    }
    const upstream = connect(target, '127.0.0.1');
    sockets.add(upstream);
    let harmed = false;
    client.on('data', (chunk: Buffer) => {
      if (proxy.refuse) {
        client.destroy();
        return;
      }
      if (chunk.subarray(0, 5).toString('latin1') === 'POST ') {
        harmed = proxy.swallow > 0 && isInsert(chunk.toString('latin1', 0, 4096));
        if (harmed) proxy.swallow -= 1;
      }
      if (proxy.hold && isInsert(chunk.toString('latin1', 0, 4096))) {
        proxy.held += 1;
        client.pause();
        waiting.push(() => {
          upstream.write(chunk);
          client.resume();
        });
        return;
      }
      upstream.write(chunk);
    });
    client.on('close', () => upstream.end());
    upstream.on('data', (chunk) => {
      if (harmed) {
        proxy.swallowed += 1;
        client.destroy();
        upstream.destroy();
      } else client.write(chunk);
    });
    upstream
      .on('error', () => client.destroy())
      .on('close', () => {
        sockets.delete(upstream);
        client.destroy();
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy.url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  proxy.release = () => {
    proxy.hold = false;
    for (const pass of waiting) pass();
    waiting = [];
    proxy.held = 0;
  };
  proxy.close = () =>
    new Promise((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  return proxy;
};
