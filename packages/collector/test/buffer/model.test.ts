import { expect } from 'chai';
import fc from 'fast-check';
import type { Buffer as MemberBuffer, Fence, LedgerCounts, Sealed } from '../../src/buffer/index.js';
import { diskSubject, fastFolder, redisSubject } from './support/subjects.js';
import { aRow, aStream, aUnit, EVENTS, fenceOf, readRows } from './support/units.js';

/** Steps over both implementations; `LINTEL_MODEL_STEPS=1000000` for the long run. */
const STEPS = Number(process.env['LINTEL_MODEL_STEPS'] ?? 100_000);
const STEPS_A_RUN = 200;

type Step =
  | { do: 'append'; month: string; rows: readonly { stream: number; seq: number; site: number }[] }
  | { do: 'seal'; rows: number }
  | { do: 'revise' | 'commit' | 'repeat' | 'takeover' | 'reopen' };

const seqs = fc.oneof(
  { weight: 8, arbitrary: fc.nat(40) },
  { weight: 1, arbitrary: fc.integer({ min: 4090, max: 4100 }) },
);
const rows = fc.array(fc.record({ stream: fc.nat(3), seq: seqs, site: fc.integer({ min: 1, max: 2 }) }), {
  minLength: 1,
  maxLength: 12,
});
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 200,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      month: fc.constantFrom('202611', '202612'),
      rows,
    }),
  },
  {
    weight: 80,
    arbitrary: fc.record({ do: fc.constant('seal' as const), rows: fc.integer({ min: 1, max: 60 }) }),
  },
  {
    weight: 100,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'revise' as const,
        'commit' as const,
        'commit' as const,
        'repeat' as const,
        'takeover' as const,
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const) }) },
);

/** What the buffer must look like after each step, kept by the simplest means. */
interface Model {
  stored: Set<string>;
  /** One list a member: `stream/seq`, and its site. */
  waiting: { month: string; rows: string[]; sites: number[] }[];
  sealed: { manifest: Sealed; members: number } | null;
  ledger: Map<number, LedgerCounts>;
  batches: Set<string>;
}

for (const [name, create] of [
  ['disk', () => diskSubject(fastFolder())],
  ['redis', () => redisSubject()],
] as const) {
  it(`buffer on ${name} agrees with a model over random steps`, async function () {
    this.timeout(0);
    const subject = await create();
    let buffer: MemberBuffer = await subject.open();
    let fence: Fence = await fenceOf(buffer);
    const ledger = new Map<number, LedgerCounts>();
    const batches = new Set<string>();
    let steps = 0;

    const count = (site: number, of: keyof LedgerCounts): void => {
      const counts = ledger.get(site) ?? { accepted: 0, committed: 0, known: 0 };
      counts[of] += 1;
      ledger.set(site, counts);
    };

    const newBatches = (model: Model, sealed: Sealed): void => {
      for (const { batch } of sealed.parts) {
        expect(model.batches.has(batch), `batch ${batch} was given twice`).to.equal(false);
        model.batches.add(batch);
      }
    };

    const doAppend = async (
      model: Model,
      streams: string[],
      { month, rows: wanted }: Step & { do: 'append' },
    ) => {
      const unit = wanted.map(({ stream, seq, site }) =>
        aRow({ stream: streams[stream]!, seq, siteId: site }),
      );
      const names = unit.map(({ stream, seq }) => `${stream}/${seq}`);
      const at = names.flatMap((one, index) =>
        model.stored.has(one) || names.indexOf(one) < index ? [index] : [],
      );
      const answer = await buffer.append(0, aUnit(unit, { ...EVENTS, month }));
      expect(answer).to.deep.equal(at.length > 0 ? { kind: 'duplicate', at } : { kind: 'stored' });
      if (at.length > 0) return;
      for (const one of names) model.stored.add(one);
      model.waiting.push({ month, rows: names, sites: unit.map(({ siteId }) => siteId) });
      for (const { siteId } of unit) count(siteId, 'accepted');
    };

    const doSeal = async (model: Model, most: number) => {
      const sealed = await buffer.seal({ rows: most, bytes: 1e9 }, fence);
      if (model.sealed) {
        expect(sealed).to.deep.equal(model.sealed.manifest);
        return;
      }
      if (model.waiting.length === 0) {
        expect(sealed).to.equal(null);
        return;
      }
      let sum = 0;
      const members = model.waiting.findIndex(
        ({ rows: own }, index) => (sum += own.length) > most && index > 0,
      );
      const taken = model.waiting.slice(0, members === -1 ? undefined : members);
      for (const part of sealed!.parts) {
        const expected = taken
          .filter(({ month }) => month === part.lane.month)
          .flatMap(({ rows: own }) => own);
        expect(await readRows(buffer, sealed!, part)).to.deep.equal(expected);
      }
      newBatches(model, sealed!);
      model.sealed = { manifest: sealed!, members: taken.length };
    };

    const doRevise = async (model: Model) => {
      if (!model.sealed) return;
      const { manifest } = model.sealed;
      const parts = [];
      for (const part of manifest.parts) {
        parts.push({
          ...part,
          batch: await buffer.nextBatch(fence),
          attempt: part.attempt + 1,
          known: { 1: 1 },
        });
      }
      model.sealed.manifest = { ...manifest, parts };
      newBatches(model, model.sealed.manifest);
      await buffer.revise(model.sealed.manifest, fence);
    };

    const doCommit = async (model: Model, twice: boolean) => {
      if (!model.sealed) return;
      const { manifest, members } = model.sealed;
      await buffer.commit(manifest, fence);
      if (twice) await buffer.commit(manifest, fence);
      for (const { sites } of model.waiting.splice(0, members))
        for (const site of sites) count(site, 'committed');
      for (const { known } of manifest.parts) if (known['1']) count(1, 'known');
      model.sealed = null;
    };

    const take = async (model: Model, streams: string[], one: Step): Promise<void> => {
      if (one.do === 'append') await doAppend(model, streams, one);
      else if (one.do === 'seal') await doSeal(model, one.rows);
      else if (one.do === 'revise') await doRevise(model);
      else if (one.do === 'takeover') {
        await buffer.release(fence);
        fence = await fenceOf(buffer, `owner ${steps}`);
      } else if (one.do === 'reopen') {
        await buffer.close();
        buffer = await subject.open();
      } else await doCommit(model, one.do === 'repeat');
      steps += 1;
      const waiting = model.waiting.reduce((sum, { rows: own }) => sum + own.length, 0);
      const { members, rows: depth } = await buffer.depth();
      expect([members, depth]).to.deep.equal([model.waiting.length, waiting]);
      expect(await buffer.ledger()).to.deep.equal(ledger);
    };

    try {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: STEPS_A_RUN, maxLength: STEPS_A_RUN }), async (all) => {
          const model: Model = { stored: new Set(), waiting: [], sealed: null, ledger, batches };
          const streams = Array.from({ length: 4 }, aStream);
          for (const one of all) await take(model, streams, one);
          // the next run starts empty, with streams of its own
          while (model.waiting.length > 0) {
            await doSeal(model, 1000);
            await doCommit(model, false);
          }
        }),
        // a run that fails leaves rows behind: shrinking would start from them
        { numRuns: Math.ceil(STEPS / 2 / STEPS_A_RUN), endOnFailure: true },
      );
      expect(steps).to.be.greaterThan(STEPS / 2 - 1);
    } finally {
      await buffer.close();
      await subject.end();
    }
  });
}
