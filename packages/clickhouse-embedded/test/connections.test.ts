import { connect } from 'node:net';
import { expect } from 'chai';

import { start, type Credentials, type EmbeddedClickHouse, type EngineEvent } from '../src/index.js';
import { freshDirectory } from './support/directory.js';
import { ask } from './support/statement.js';

const text = (value: string): Buffer => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);

/** A client's greeting on the native port. */
const hello = ({ user, password }: Credentials, database = 'default'): Buffer =>
  Buffer.concat([
    Buffer.from([0]),
    text('test'),
    Buffer.from([26, 7, 0xf0, 0xa9, 0x03]),
    text(database),
    text(user),
    text(password),
  ]);

/** Sends bytes, hangs up after 100 ms. */
const hangUpAfter = (port: number, bytes: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(bytes);
      setTimeout(() => socket.destroy(), 100);
    });
    socket.resume();
    socket.on('error', reject);
    socket.on('close', () => resolve());
  });

/** Sends bytes, waits for the first byte that comes back, hangs up. */
const firstByte = (port: number, bytes: Buffer): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.once('data', (chunk: Buffer) => {
      resolve(chunk[0]);
      socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(undefined));
  });

describe('connections', () => {
  const { dir, remove } = freshDirectory();
  const events: EngineEvent[] = [];
  let server: EmbeddedClickHouse;

  before(async () => {
    server = await start({ dir, httpPort: 0, tcpPort: 0, onEvent: (event) => events.push(event) });
  });
  after(async () => {
    await server.stop();
    remove();
  });

  it('speaks the native protocol: 0 greets back, 2 refuses', async () => {
    const { reader } = server.credentials;
    expect(await firstByte(server.tcpPort, hello(reader))).to.equal(0);
    expect(await firstByte(server.tcpPort, hello({ ...reader, password: 'wrong' }))).to.equal(2);
  });

  // Each of these ended the whole engine (SIGABRT) before it was given a terminal: see bin/engine.js.
  it('outlives whatever a client sends or leaves out', async () => {
    const { reader } = server.credentials;
    const [http, native] = [server.httpPort, server.tcpPort];
    const request = (line: string, body = ''): Buffer =>
      Buffer.from(
        `${line} HTTP/1.1\r\nHost: x\r\nX-ClickHouse-User: ${reader.user}\r\nX-ClickHouse-Key: ${reader.password}\r\n${body}`,
      );
    const sent: [string, number, Buffer][] = [
      ['nothing', native, Buffer.alloc(0)],
      ['HTTP on the native port', native, request('GET /', '\r\n')],
      ['an unknown packet', native, Buffer.from([7, 255, 255, 255, 255])],
      ['half a greeting', native, hello(reader).subarray(0, 12)],
      ['an unknown user', native, hello({ user: 'nobody', password: '' })],
      ['an unknown database', native, hello(reader, 'nowhere')],
      ['a greeting, then garbage', native, Buffer.concat([hello(reader), Buffer.from([0, 85, 85, 85])])],
      ['bytes that are not HTTP', http, Buffer.from([7, 255, 255, 255, 13, 10, 13, 10])],
      ['half a body', http, request('POST /', 'Content-Length: 100\r\n\r\nSEL')],
      ['a broken chunk', http, request('POST /', 'Transfer-Encoding: chunked\r\n\r\nzz\r\n')],
      ['an answer nobody reads', http, request('GET /?query=SELECT+number+FROM+system.numbers', '\r\n')],
    ];
    for (const [what, port, bytes] of sent) {
      await hangUpAfter(port, bytes);
      expect(await ask(server.url, reader, 'SELECT 1').catch(String), what).to.equal('1');
    }
    expect(events.map(({ kind }) => kind)).to.deep.equal(['ready']);
  });
});
