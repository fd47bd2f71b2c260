import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** What the line does: carries bytes, is cut, or leads to a collector that is busy. */
export type Line = 'open' | 'cut' | 'busy';

export interface RttProxy {
  url: string;
  /** Changes what happens to new connections and ends the open ones. */
  set(line: Line): void;
  remove(): Promise<void>;
}

/**
 * A long line to the collector: each way takes half of `rttMs`, and what a closed socket still had on its way is lost,
 * as it is in a real network. At an RTT of 0 nearly every SDK looks perfect.
 */
export const startLine = async (targetPort: number, rttMs: number): Promise<RttProxy> => {
  let line: Line = 'open';
  const sockets = new Set<Socket>();
  const busy = createHttpServer((_request, response) => {
    response.writeHead(503, {
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'Retry-After',
      'content-type': 'application/json',
      'retry-after': '1',
    });
    response.end('{"reason":"busy"}');
  });
  await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));

  const carry = (from: Socket, to: Socket): void => {
    const underway = new Set<NodeJS.Timeout>();
    from.on('data', (chunk: Buffer) => {
      if (rttMs === 0) {
        to.write(chunk);
        return;
      }
      const timer = setTimeout(() => {
        underway.delete(timer);
        if (to.writable) to.write(chunk);
      }, rttMs / 2);
      underway.add(timer);
    });
    const drop = (): void => {
      for (const timer of underway) clearTimeout(timer);
      to.destroy();
    };
    from.on('close', drop);
    from.on('error', drop);
  };
  const server = createServer((client) => {
    if (line === 'cut') {
      client.resetAndDestroy();
      return;
    }
    const port = line === 'busy' ? (busy.address() as AddressInfo).port : targetPort;
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.once('close', () => sockets.delete(socket));
    }
    carry(client, upstream);
    carry(upstream, client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const end = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    set(next) {
      line = next;
      end();
    },
    remove: () =>
      new Promise((resolve) => {
        busy.close();
        server.close(() => resolve());
        end();
      }),
  };
};
