import { expect } from 'chai';
import { IDBFactory } from 'fake-indexeddb';
import { accept, aStream, aTab, batchOf, down, json, numbers } from './support/delivery.js';
import { fakeTransport, SyncCompression } from './support/fakes.js';

const HOUR = 3_600_000;

const { CompressionStream: threaded } = globalThis;
before(() => Object.assign(globalThis, { CompressionStream: SyncCompression }));
after(() => Object.assign(globalThis, { CompressionStream: threaded }));

describe('delivery in memory', () => {
  it('sends the first event at once and the next within a second', async () => {
    const tab = aTab();
    tab.add();
    await tab.clock.pass(0);
    expect(numbers(tab.transport.requests)).to.eql([0]);
    tab.add(1);
    tab.add(2);
    await tab.clock.pass(900);
    expect(tab.transport.requests.length).to.equal(1);
    await tab.clock.pass(200);
    expect(numbers(tab.transport.requests)).to.eql([0, 1, 2]);
    expect(tab.delivery.waiting()).to.eql({ count: 0, bytes: 0 });
  });

  it('arms no timer while nothing waits', async () => {
    const tab = aTab();
    tab.add();
    await tab.clock.pass(5000);
    expect(tab.clock.timers()).to.equal(0);
  });

  it('sends without preflight, cookie or keepalive', async () => {
    const tab = aTab();
    tab.add();
    await tab.clock.pass(0);
    const { url, init } = tab.transport.requests[0]!;
    expect(url).to.equal('https://c.test/v1/events?z=gzip');
    expect(init).to.deep.include({
      method: 'POST',
      credentials: 'omit',
      headers: { 'Content-Type': 'text/plain' },
    });
    expect(init.keepalive).to.equal(undefined);
  });

  it('keeps everything through an outage, probes with one request at a time, and delivers all of it', async () => {
    const tab = aTab();
    tab.transport.answer = down;
    for (let i = 0; i < 120; i++) {
      tab.add(i % 3);
      await tab.clock.pass(500);
    }
    const failed = tab.transport.requests.length;
    expect(failed).to.be.greaterThan(2).and.lessThan(20);
    for (const request of tab.transport.requests.slice(1))
      expect(batchOf(request).events.length).to.be.at.most(20);
    tab.transport.answer = accept;
    await tab.clock.pass(120_000);
    const delivered = numbers(tab.transport.requests.slice(failed));
    expect(delivered.sort((p, q) => p - q)).to.eql(Array.from({ length: 120 }, (_, seq) => seq));
    expect(tab.tally.acked).to.equal(120);
  });

  it('waits as long as Retry-After says, whatever the visitor does', async () => {
    const tab = aTab();
    tab.transport.answer = () => json(503, { reason: 'busy' }, { 'retry-after': '30' });
    tab.add();
    await tab.clock.pass(0);
    expect(tab.transport.requests.length).to.equal(1);
    tab.transport.answer = accept;
    tab.delivery.hurry();
    tab.add();
    await tab.clock.pass(29_000);
    expect(tab.transport.requests.length).to.equal(1);
    await tab.clock.pass(2000);
    expect(numbers(tab.transport.requests.slice(1))).to.eql([0, 1]);
  });

  it('hurries when the network is back', async () => {
    const tab = aTab();
    tab.transport.answer = down;
    tab.add();
    await tab.clock.pass(120_000);
    const before = tab.transport.requests.length;
    tab.transport.answer = accept;
    tab.delivery.hurry();
    await tab.clock.pass(2000);
    expect(numbers(tab.transport.requests.slice(before))).to.eql([0]);
  });

  it('stops where it is not welcome, until the next page', async () => {
    const tab = aTab();
    tab.transport.answer = () => json(403, { reason: 'key' });
    tab.add();
    await tab.clock.pass(0);
    tab.add();
    tab.delivery.hurry();
    await tab.clock.pass(HOUR);
    expect(tab.transport.requests.length).to.equal(1);
    expect(tab.delivery.waiting().count).to.equal(2);
  });

  it('halves what is too large and gives up only the one that is', async () => {
    const tab = aTab();
    tab.transport.answer = (request) =>
      batchOf(request).events.some(({ note }) => (note?.length ?? 0) > 500)
        ? json(413, { reason: 'too_large' })
        : accept(request);
    for (let i = 0; i < 40; i++) tab.add(1, false, i === 17 ? 1000 : 0);
    await tab.clock.pass(10_000);
    expect(tab.delivery.waiting().count).to.equal(0);
    expect(tab.tally.acked).to.equal(39);
    expect(tab.stream.lost).to.eql({ too_large: 1 });
    tab.add();
    await tab.clock.pass(3000);
    expect(batchOf(tab.transport.requests.at(-1)!).dropped).to.eql({ too_large: 1 });
  });

  it('sends a refused batch one by one, and gives up the one that is refused twice', async () => {
    const tab = aTab();
    tab.transport.answer = (request) =>
      batchOf(request).events.some(({ seq }) => seq === 3) ? json(400, { reason: 'json' }) : accept(request);
    for (let i = 0; i < 6; i++) tab.add(1);
    await tab.clock.pass(10_000);
    expect(tab.tally.acked).to.equal(5);
    expect(tab.stream.lost).to.eql({ refused: 1 });
    const alone = tab.transport.requests.filter((request) => batchOf(request).events[0]?.seq === 3);
    expect(alone.length).to.be.at.least(2);
  });

  it('keeps at most a thousand events, and gives up the least important first', async () => {
    const tab = aTab();
    tab.transport.answer = down;
    for (let i = 0; i < 1200; i++) tab.add(i % 3, false);
    await tab.clock.pass(120_000);
    expect(tab.delivery.waiting().count).to.be.at.most(1000).and.above(900);
    tab.transport.answer = accept;
    const before = tab.transport.requests.length;
    await tab.clock.pass(300_000);
    const kept = numbers(tab.transport.requests.slice(before));
    expect(kept.filter((seq) => seq % 3 === 0).length).to.equal(400);
    expect(kept.filter((seq) => seq % 3 === 1).length).to.equal(400);
    expect(tab.stream.lost.evicted).to.equal(1200 - kept.length);
  });

  it('believes no portal that answers 200 to everything', async () => {
    const tab = aTab();
    tab.transport.answer = () => new Response('<html>Log in</html>', { status: 200 });
    tab.add();
    await tab.clock.pass(60_000);
    expect(tab.delivery.waiting().count).to.equal(1);
    expect(tab.tally.retries).to.be.greaterThan(1);
  });

  it('tells that a stream ended, also when nothing waits', async () => {
    const tab = aTab();
    tab.add();
    await tab.clock.pass(0);
    tab.stream.count = 1;
    tab.delivery.note(tab.stream);
    tab.delivery.leave();
    await tab.clock.pass(0);
    const last = batchOf(tab.transport.requests.at(-1)!);
    expect([last.events, last.ended]).to.eql([[], [{ stream: 'stream-1', count: 1 }]]);
  });

  it('stays within its share of the keepalive budget, and sends the rest as answers arrive', async () => {
    const tab = aTab();
    const open: (() => void)[] = [];
    tab.state.held = true;
    for (let i = 0; i < 100; i++) tab.add(1, false, 2000);
    tab.transport.answer = (request) => new Promise((resolve) => open.push(() => resolve(accept(request))));
    tab.delivery.leave();
    await tab.clock.pass(0);
    const kept = tab.transport.requests.filter(({ init }) => init.keepalive);
    const bytes = kept.reduce((sum, { init }) => sum + Buffer.byteLength(init.body as string), 0);
    expect(bytes)
      .to.be.at.most(48 * 1024)
      .and.at.least(30 * 1024);
    tab.delivery.release();
    for (let i = 0; i < 40; i++) {
      for (const answer of open.splice(0)) answer();
      await tab.clock.pass(1000);
    }
    expect(tab.tally.acked).to.equal(100);
    expect(new Set(numbers(tab.transport.requests)).size).to.equal(100);
  });

  it('keeps a deferred request armed with what is not acknowledged', async () => {
    const later: { body: string; signal: AbortSignal }[] = [];
    const transport = fakeTransport(down);
    transport.last.later = (_url, init) => later.push(init as never);
    const tab = aTab({ transport });
    tab.add();
    tab.add();
    await tab.clock.pass(2000);
    expect(JSON.parse(later.at(-1)!.body).events.map(({ seq }: { seq: number }) => seq)).to.eql([0, 1]);
    expect(later.filter(({ signal }) => !signal.aborted).length).to.equal(1);
    transport.answer = accept;
    await tab.clock.pass(60_000);
    expect(later.every(({ signal }) => signal.aborted)).to.equal(true);
  });
});

describe('delivery with a log', () => {
  it('has an urgent event on the device when the call returns, and forgets it after the answer', async () => {
    const storage = new IDBFactory();
    const tab = aTab({ storage });
    tab.transport.answer = down;
    tab.delivery.openLog(true);
    await tab.clock.pass(50);
    tab.add();
    await tab.clock.pass(100);
    const other = aTab({ storage, stream: aStream('stream-2') });
    other.delivery.openLog(true);
    await other.clock.pass(50);
    await other.delivery.flush();
    expect(other.transport.requests.map((request) => batchOf(request).stream)).to.eql(['stream-1']);
    expect(numbers(other.transport.requests)).to.eql([0]);
    await other.delivery.flush();
    expect(other.transport.requests.length).to.equal(1);
  });

  it('writes what waited on lane two along with an urgent event: a page that dies leaves no gap', async () => {
    const storage = new IDBFactory();
    const dead = aTab({ storage });
    dead.transport.answer = down;
    dead.delivery.openLog(true);
    await dead.clock.pass(50);
    // no time passes: the page dies in the task of its fourth event
    for (const [rank, urgent] of [
      [1, false],
      [2, false],
      [0, false],
      [0, true],
    ] as const)
      dead.add(rank, urgent);
    const next = aTab({ storage, stream: aStream('stream-2') });
    next.delivery.openLog(true);
    await next.clock.pass(50);
    await next.delivery.flush();
    expect(numbers(next.transport.requests).sort()).to.eql([0, 1, 2, 3]);
  });

  it('hands over first, when the page goes, what the device has not confirmed', async () => {
    const tab = aTab({ storage: new IDBFactory() });
    tab.transport.answer = () => new Promise<never>(() => {});
    tab.delivery.openLog(true);
    await tab.clock.pass(50);
    tab.state.held = true;
    // a hundred that matter more and fill the budget, and what is told while the page goes
    for (let i = 0; i < 100; i++) tab.add(0, true, 2000);
    tab.add(2);
    tab.delivery.leave();
    const kept = tab.transport.requests.filter(({ init }) => init.keepalive);
    expect(numbers(kept)).to.include.members([100, 99]).and.not.include(0);
  });

  it('sends what a dead page left, rank by rank, under its own stream', async () => {
    const storage = new IDBFactory();
    const dead = aTab({ storage });
    dead.transport.answer = down;
    dead.delivery.openLog(true);
    await dead.clock.pass(50);
    for (let i = 0; i < 30; i++) dead.add(i % 3);
    await dead.clock.pass(200);
    const next = aTab({ storage, stream: aStream('stream-2'), clock: dead.clock });
    next.delivery.openLog(true);
    await next.clock.pass(50);
    next.add();
    await next.clock.pass(3000);
    const sent = next.transport.requests.map(batchOf);
    const old = sent.filter(({ stream }) => stream === 'stream-1').flatMap(({ events }) => events);
    expect(old.map(({ seq }) => seq).sort((p, q) => p - q)).to.eql(
      Array.from({ length: 30 }, (_, seq) => seq),
    );
    expect(old.slice(0, 10).every(({ seq }) => seq % 3 === 0)).to.equal(true);
  });

  it('packs what waits long into fragments, and loses none of it', async () => {
    const storage = new IDBFactory();
    const tab = aTab({ storage });
    tab.transport.answer = down;
    tab.delivery.openLog(true);
    await tab.clock.pass(50);
    for (let i = 0; i < 200; i++) {
      tab.add(1, false, 200);
      if (i % 20 === 0) await tab.clock.pass(150);
    }
    await tab.clock.pass(60_000);
    tab.delivery.leave();
    await tab.clock.pass(0);
    const last = tab.transport.requests.filter(({ init }) => init.keepalive).at(-1)!;
    expect(last.url).to.include('z=gzip');
    expect((last.init.body as Uint8Array).length).to.be.lessThan(8000);
    tab.transport.answer = accept;
    const before = tab.transport.requests.length;
    await tab.clock.pass(120_000);
    expect(new Set(numbers(tab.transport.requests.slice(before))).size).to.equal(200);
  });

  it('goes on in memory when the device refuses', async () => {
    const storage = {
      open: () => {
        throw new Error('blocked');
      },
    } as unknown as IDBFactory;
    const tab = aTab({ storage });
    tab.delivery.openLog(true);
    await tab.clock.pass(50);
    tab.add();
    await tab.clock.pass(3000);
    expect(numbers(tab.transport.requests)).to.eql([0]);
    expect(tab.delivery.isDurable()).to.equal(false);
    expect(tab.faults.length).to.be.greaterThan(0);
  });

  it('leaves a missing database missing when it only comes back', async () => {
    const storage = new IDBFactory();
    const tab = aTab({ storage });
    tab.delivery.openLog(true);
    await tab.clock.pass(50);
    tab.delivery.sleep();
    await new Promise((resolve) => (storage.deleteDatabase('lintel').onsuccess = resolve));
    tab.delivery.awake();
    await tab.clock.pass(50);
    expect(tab.deleted).to.equal(1);
    expect((await storage.databases()).map(({ name }) => name)).to.eql([]);
  });

  it('erases the log and says how much was given up', async () => {
    const storage = new IDBFactory();
    const tab = aTab({ storage });
    tab.transport.answer = down;
    tab.delivery.openLog(true);
    await tab.clock.pass(50);
    for (let i = 0; i < 7; i++) tab.add();
    await tab.clock.pass(50);
    expect(await tab.delivery.erase(true)).to.equal(7);
    expect(await storage.databases()).to.eql([]);
    expect(tab.delivery.waiting().count).to.equal(0);
  });
});
