import { createServer } from 'node:net';

import { EmbeddedError } from './errors.js';

const listenOnce = (port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port));
    });
  });

/**
 * A port that is free now: the wanted one, or any for 0.
 * @throws {EmbeddedError} `PORT_BUSY`
 */
export const claimPort = async (wanted: number, purpose: string): Promise<number> => {
  try {
    return await listenOnce(wanted);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    const why = code === 'EACCES' ? 'may not be opened by this user' : 'is in use';
    throw new EmbeddedError('PORT_BUSY', `${purpose} port 127.0.0.1:${wanted} ${why}`, { cause: error });
  }
};
