import { expect } from 'chai';
import { IDBFactory } from 'fake-indexeddb';
import { drainLog, flushOnSync } from '../src/service-worker.js';
import { accept, aStream, aTab, batchOf, down, numbers } from './support/delivery.js';
import {
  fakeClock,
  fakeLocks,
  fakeRandom,
  fakeTransport,
  SyncCompression,
  type FakeTransport,
} from './support/fakes.js';

const { CompressionStream: threaded } = globalThis;
before(() => Object.assign(globalThis, { CompressionStream: SyncCompression }));
after(() => Object.assign(globalThis, { CompressionStream: threaded }));

describe('service worker', () => {
  const worker = (
    storage: IDBFactory,
    transport: FakeTransport,
    locks = fakeLocks(),
  ): { drain(): Promise<boolean> } => ({
    drain: () =>
      drainLog({
        clock: fakeClock(),
        random: fakeRandom(2),
        transport,
        storage,
        locks,
        channel: undefined,
      }),
  });
  /** A log as a page leaves it that was offline until it died. */
  const aLog = async (more: Parameters<typeof aStream>[1] = {}): Promise<IDBFactory> => {
    const storage = new IDBFactory();
    // the handler of the sync event tells time by the system's clock, to which an old log would have expired
    const dead = aTab({ storage, stream: aStream('stream-1', more), clock: fakeClock(Date.now()) });
    dead.transport.answer = down;
    dead.delivery.openLog(true);
    await dead.clock.pass(50);
    for (let i = 0; i < 30; i++) dead.add(i % 3);
    await dead.clock.pass(200);
    dead.delivery.sleep();
    return storage;
  };

  it('sends what dead pages left, under their own stream, and forgets it', async () => {
    const storage = await aLog();
    const transport = fakeTransport(accept);
    expect(await worker(storage, transport).drain()).to.equal(true);
    expect(numbers(transport.requests).sort((p, q) => p - q)).to.eql(
      Array.from({ length: 30 }, (_, seq) => seq),
    );
    expect(new Set(transport.requests.map((request) => batchOf(request).stream))).to.eql(
      new Set(['stream-1']),
    );
    const sent = transport.requests.length;
    expect(await worker(storage, transport).drain()).to.equal(true);
    expect(numbers(transport.requests.slice(sent))).to.eql([]);
  });

  it('makes no database where there is none: the consent is gone, or never was', async () => {
    const storage = new IDBFactory();
    const transport = fakeTransport(accept);
    expect(await worker(storage, transport).drain()).to.equal(true);
    expect(transport.requests).to.eql([]);
    expect(await storage.databases()).to.eql([]);
  });

  it('keeps everything and says so when the network is still down', async () => {
    const storage = await aLog();
    const transport = fakeTransport(down);
    expect(await worker(storage, transport).drain()).to.equal(false);
    transport.answer = accept;
    expect(await worker(storage, transport).drain()).to.equal(true);
    expect(new Set(numbers(transport.requests)).size).to.equal(30);
  });

  it('leaves the log to the tab that drains it', async () => {
    const storage = await aLog();
    const transport = fakeTransport(accept);
    const locks = fakeLocks();
    let free!: () => void;
    void locks.request(
      'lintel:pk_test',
      { ifAvailable: true },
      () => new Promise<void>((end) => (free = end)),
    );
    await worker(storage, transport, locks).drain();
    expect(transport.requests).to.eql([]);
    free();
    await new Promise((resolve) => setImmediate(resolve));
    await worker(storage, transport, locks).drain();
    expect(new Set(numbers(transport.requests)).size).to.equal(30);
  });

  it('leaves a consented stream without a visitor to the next page, which knows him', async () => {
    const storage = await aLog({ visitor: null, session: null });
    const transport = fakeTransport(accept);
    await worker(storage, transport).drain();
    expect(transport.requests).to.eql([]);
  });

  it('answers its own tag only, and asks the browser to try again by a rejection', async () => {
    const scope = new EventTarget();
    flushOnSync(scope);
    const fire = (tag: string): Promise<unknown>[] => {
      const works: Promise<unknown>[] = [];
      scope.dispatchEvent(
        Object.assign(new Event('sync'), { tag, waitUntil: (work: Promise<unknown>) => works.push(work) }),
      );
      return works;
    };
    expect(fire('photos')).to.eql([]);
    const storage = await aLog();
    // the globals of a worker, which this process does not have
    const before = ['indexedDB', 'fetch', 'navigator'].map(
      (name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const,
    );
    const set = (name: string, value: unknown): unknown =>
      Object.defineProperty(globalThis, name, { configurable: true, value });
    try {
      set('indexedDB', storage);
      set('navigator', { locks: fakeLocks() });
      set('fetch', () => Promise.reject(new TypeError('network')));
      const [failed] = fire('lintel');
      const reason: unknown = await failed!.catch((error: unknown) => error);
      expect(reason).to.be.instanceOf(Error);
      const transport = fakeTransport(accept);
      set('fetch', (url: string, init: RequestInit) => transport.fetch(url, init));
      await fire('lintel')[0];
      expect(new Set(numbers(transport.requests)).size).to.equal(30);
    } finally {
      for (const [name, property] of before) {
        if (property) Object.defineProperty(globalThis, name, property);
        else Reflect.deleteProperty(globalThis, name);
      }
    }
  });
});
