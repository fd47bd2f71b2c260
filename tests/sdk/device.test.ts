import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { startDouble, type Double } from '../../packages/sdk/test/support/collector.js';
import { until } from '../support/until.js';
import { events } from './support/faults.js';
import { createStage, createVisitor, type Stage, type Visitor } from './support/stage.js';

const EVENTS = 20;
/** Nothing is told to the page or heard from it meanwhile. */
const SOON_MS = 300;

describe('SDK and a browser that is killed', () => {
  let collector: Double;
  let visitor: Visitor;
  let stage: Stage;
  beforeEach(async () => {
    collector = await startDouble();
    visitor = await createVisitor();
    stage = await createStage(visitor, {
      port: Number(new URL(collector.url).port),
      rttMs: 0,
      key: 'pk_test',
    });
  });
  afterEach(async () => {
    await visitor.remove();
    await stage.remove();
    await collector.stop();
  });
  const told = (): number => collector.ofType('custom').length;

  it('brings back all that the device held in the moment of death, once', async () => {
    const page = await stage.open();
    stage.line.set('cut');
    await page.evaluate(events('run', EVENTS));
    await stage.safe('run', EVENTS);
    await visitor.restart();
    expect(told()).to.equal(0);
    stage.line.set('open');
    await stage.open();
    await until('the events', () => told() >= EVENTS);
    expect(collector.ofType('custom').map(({ props }) => (props as { i: number }).i)).to.eql([
      ...Array(EVENTS).keys(),
    ]);
  });

  // a starved browser is one that is stopped for a while: the page has put and committed, and nobody has taken it
  for (const dies of ['browser', 'renderer'] as const)
    it(`brings back exactly what its files hold when a ${dies} dies before the browser has taken the events`, async () => {
      const page = await stage.open();
      const { pid, renderers } = visitor.chromium();
      const pids = await renderers();
      stage.line.set('cut');
      await page.evaluate(`setTimeout(() => { ${events('run', EVENTS)} for (;;); }, ${SOON_MS})`);
      process.kill(pid, 'SIGSTOP');
      await sleep(2 * SOON_MS);
      if (dies === 'renderer') {
        for (const one of pids) process.kill(one, 'SIGKILL');
        await sleep(SOON_MS);
        process.kill(pid, 'SIGCONT');
        await sleep(SOON_MS);
      }
      await visitor.chromium().kill();
      const safe = stage.written('run');
      if (dies === 'browser') expect(safe).to.equal(0);
      await visitor.restart();
      stage.line.set('open');
      const again = await stage.open();
      await again.evaluate('lintel.flush().then(() => {})');
      await until('what was safe', () => told() >= safe);
      expect(told()).to.equal(safe);
    });
});
