import { randomInt } from 'node:crypto';
import { createServer, type AddressInfo, type Server } from 'node:net';

/**
 * Below the range that the kernel takes ports of outgoing connections from (32768…): while a killed process is away, any
 * client of this machine could be given its port there, and the restart would fail.
 */
const [LOWEST, HIGHEST] = [10_240, 32_000];

const tryPort = (port: number): Promise<Server | null> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });

const listen = async (): Promise<Server> => {
  for (;;) {
    const server = await tryPort(randomInt(LOWEST, HIGHEST));
    if (server) return server;
  }
};

/** Ports that were all free at once; a process that is started again finds its own ones again. */
export const freePorts = async (count: number): Promise<number[]> => {
  const servers = await Promise.all(Array.from({ length: count }, listen));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
};
