import { connect, type AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import type { Certificate } from './certificates.js';

export interface TlsLine {
  url: string;
  /** Shows this certificate from now on; open connections end. */
  show(certificate: Certificate): void;
  /** Handshakes that the other side broke off: it did not like what it was shown. */
  refused(): number;
  remove(): Promise<void>;
}

/** What stands in front of the collector in production: HTTPS towards visitors, HTTP towards the collector. */
export const startTlsLine = async (targetPort: number, first: Certificate): Promise<TlsLine> => {
  const open = new Set<TLSSocket>();
  let refused = 0;
  const server = createServer({ ...first, ALPNProtocols: ['http/1.1'] }, (client) => {
    const upstream = connect(targetPort, '127.0.0.1');
    open.add(client);
    client.once('close', () => {
      open.delete(client);
      upstream.destroy();
    });
    upstream.once('close', () => client.destroy());
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
    client.pipe(upstream).pipe(client);
  });
  server.on('tlsClientError', () => (refused += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const end = (): void => {
    for (const client of open) client.destroy();
  };
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    show: (certificate) => {
      server.setSecureContext(certificate);
      // sessions of before would be resumed without a look at the new one
      server.setTicketKeys(crypto.getRandomValues(Buffer.alloc(48)));
      end();
    },
    refused: () => refused,
    remove: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        end();
      }),
  };
};
