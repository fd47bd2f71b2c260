import { expect } from 'chai';
import { startCollector, type Collector } from '../support/collector.js';
import { SITE } from '../support/site.js';
import { createBooks, type Books } from './support/books.js';
import { FAULTS, type Fault } from './support/faults.js';
import { writeTable, type Outcome } from './support/report.js';
import { createStage, createVisitor, type Stage, type Visitor } from './support/stage.js';

/** Runs of each fault at each round-trip time; the long form is `LINTEL_FAULT_RUNS=20`. */
const RUNS = Number(process.env['LINTEL_FAULT_RUNS'] ?? 1);
const RTTS = (process.env['LINTEL_FAULT_RTT'] ?? '0,200').split(',').map(Number);
/** Browsers at once. */
const VISITORS = Math.min(RUNS, Number(process.env['LINTEL_FAULT_VISITORS'] ?? 1));
/** After it the visitor comes back: with consent what a fault left is on his device. */
const PATIENCE_MS = 30_000;
/** A file for the outcomes as a table. */
const TABLE = process.env['LINTEL_FAULT_TABLE'];
const COMMAND = ['RUNS', 'RTT', 'VISITORS', 'TABLE']
  .map((name) => `LINTEL_FAULT_${name}`)
  .flatMap((name) => (process.env[name] === undefined ? [] : `${name}=${process.env[name]}`))
  .concat("npx mocha 'sdk/**/*.test.ts'")
  .join(' ');

/** Each fault at each round-trip time on a site of its own, so that `data-quality` answers for it alone. */
const CASES = RTTS.flatMap((rttMs) => FAULTS.map((fault) => ({ rttMs, fault }))).map((one, place) => ({
  ...one,
  site: { ...SITE, id: 1000 + place, key: `pk_fault_${place}`, name: `fault ${place}` },
}));

describe('SDK under faults', function () {
  let collector: Collector;
  const outcomes: Outcome[] = [];
  before(async () => {
    collector = await startCollector({ LINTEL_SITES: JSON.stringify(CASES.map(({ site }) => site)) });
  });
  after(async () => {
    await collector?.remove();
  });

  /** All runs of a fault; the stages stay, because tails of what was told may still travel. */
  const runAll = async (
    { happen, count }: Fault,
    rttMs: number,
    key: string,
    books: Books,
    visitors: readonly Visitor[],
    failures: string[],
  ): Promise<{ stages: Stage[]; late: number; promised: Map<string, number> }> => {
    const stages: Stage[] = [];
    let late = 0;
    const promised = new Map<string, number>();
    const runs = Array.from({ length: RUNS }, (_, run) => `${key}/${run + 1}`);
    const live = async (visitor: Visitor): Promise<void> => {
      for (let run = runs.shift(); run !== undefined; run = runs.shift()) {
        const port = Number(new URL(collector.publicUrl).port);
        const stage = await createStage(visitor, { port, rttMs, key });
        stages.push(stage);
        try {
          const safe = (await happen(stage, await stage.open(), run)) ?? count;
          promised.set(run, safe);
          await books.arrived(run, safe, PATIENCE_MS).catch(async () => {
            late++;
            await stage.open();
            await books.arrived(run, safe, 2 * PATIENCE_MS);
          });
          // rank 0 goes first: what else is on the device goes out on the visitor's next page, if need be
          await stage.open();
        } catch (error) {
          failures.push(`${run}: ${String(error)}`);
        }
        await stage.leave();
      }
    };
    await Promise.all(visitors.map(live));
    return { stages, late, promised };
  };

  for (const { rttMs, fault, site } of CASES)
    it(`RTT ${rttMs}, ${fault.name}${RUNS > 1 ? `, ${RUNS} runs` : ''}: stored once, and the capture rate says so`, async function () {
      this.timeout(120_000 * RUNS);
      const books = createBooks(collector, site);
      const failures: string[] = [];
      // new browsers for each fault: one that a fault has ruined ruins no other
      const visitors = await Promise.all(Array.from({ length: VISITORS }, createVisitor));
      const { stages, late, promised } = await runAll(fault, rttMs, site.key, books, visitors, failures);
      const { generated, stored, atLeast, dropped } = await books.captureRate();
      const holes = await books.holes();
      for (const one of [...stages, ...visitors]) await one.remove();
      const told = await books.runs();
      const counts = [...promised].map(([run, safe]) => ({
        safe,
        ...(told.find((one) => one.run === run) ?? { rows: 0, events: 0 }),
      }));
      // what is stored of what nobody promised counts as neither; events are written in their order
      const events = counts.reduce((sum, one) => sum + Math.min(one.safe, one.events), 0);
      outcomes.push({
        fault: fault.name,
        rttMs,
        runs: RUNS,
        late,
        events: counts.reduce((sum, one) => sum + one.safe, 0),
        stored: events,
        duplicates: counts.reduce((sum, one) => sum + one.rows - one.events, 0),
        sentAgain: await books.sentAgain(),
        generated,
        kept: stored,
        atLeast,
      });
      // after each, so that a run that is cut short has told what it saw
      if (TABLE) writeTable(TABLE, COMMAND, outcomes);
      expect(failures).to.eql([]);
      expect(counts).to.have.length(RUNS);
      for (const { safe, rows, events } of counts) {
        expect(rows).to.equal(events);
        expect(events).to.be.within(safe, fault.count);
      }
      // nothing that got a number is missing, and nothing was given up after it had one
      expect(holes).to.eql([]);
      expect({ stored, dropped }).to.eql({ stored: generated, dropped: [] });
    });
});
