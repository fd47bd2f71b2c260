import { expect } from 'chai';
import fc from 'fast-check';
import { checkBatch, checkEvent, EVENT_TYPES, exampleBatch, EXAMPLES, LIMITS } from '../src/index.js';

const refusal = (event: unknown) => {
  const checked = checkEvent(event);
  if (checked.kind === 'valid') throw new Error('was accepted');
  return checked;
};
const aClick = { ...EXAMPLES.click, seq: 1, at: 1 };
const aCustom = (props: unknown) => ({ ...EXAMPLES.custom, seq: 1, at: 1, props });

describe('checkEvent', () => {
  for (const type of EVENT_TYPES) {
    it(`accepts the example of ${type}`, () => {
      expect(checkEvent({ ...EXAMPLES[type], seq: 0, at: 0 })).to.have.property('kind', 'valid');
    });
  }

  it('names the field and the limit of what it refuses', () => {
    expect(refusal({ ...aClick, ex: 32_768 })).to.include({
      reason: 'number',
      field: 'ex',
      message: 'ex must be an integer from 0 to 32767',
    });
    expect(refusal({ ...aClick, label: 'x'.repeat(257) })).to.include({
      reason: 'string',
      field: 'label',
      message: 'label must have at most 256 characters',
    });
    expect(refusal({ ...aClick, kind: 'paw' })).to.include({
      reason: 'schema',
      message: 'kind must be one of mouse, touch, pen, key',
    });
  });

  it('tells refusals apart by reason', () => {
    expect(refusal({ ...aClick, type: 'teleport' }).reason).to.equal('type');
    expect(refusal({ ...aClick, seq: LIMITS.seqMax + 1 }).reason).to.equal('seq');
    expect(refusal({ ...aClick, seq: -1 }).reason).to.equal('seq');
    expect(refusal({ ...aClick, at: Number.POSITIVE_INFINITY }).reason).to.equal('number');
    expect(refusal({ ...aClick, py: 4_294_967_296 }).reason).to.equal('number');
    expect(refusal({ ...aClick, vw: 1.5 }).reason).to.equal('number');
    expect(refusal({ ...aClick, vw: '1' }).reason).to.equal('schema');
    expect(refusal({ type: 'custom', seq: 1, at: 1 })).to.include({
      reason: 'schema',
      field: 'name',
      message: 'name is required',
    });
    expect(refusal('click').reason).to.equal('schema');
    expect(refusal(null).reason).to.equal('schema');
  });

  it('bounds free-form maps by number of keys, key length, key name and stored size', () => {
    const keys = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`k${i}`, i]));
    expect(checkEvent(aCustom(keys(64)))).to.have.property('kind', 'valid');
    expect(refusal(aCustom(keys(65))).reason).to.equal('props');
    expect(refusal(aCustom({ ['k'.repeat(65)]: 1 })).reason).to.equal('props');
    expect(refusal(aCustom(JSON.parse('{"__proto__": 1}'))).reason).to.equal('props');
    expect(refusal(aCustom({ note: 'x'.repeat(1025) }))).to.include({
      reason: 'string',
      field: 'props.note',
    });
    expect(refusal(aCustom({ list: Array.from({ length: 600 }, () => 10) })).reason).to.equal('string');
  });

  it('never throws and always answers, whatever JSON arrives', () => {
    const event = fc.record({
      type: fc.oneof(fc.constantFrom(...EVENT_TYPES), fc.string()),
      seq: fc.jsonValue(),
      at: fc.jsonValue(),
      props: fc.jsonValue(),
      options: fc.jsonValue(),
    });
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), event), (value) => {
        const checked = checkEvent(value);
        if (checked.kind === 'invalid') expect(checked.message).to.be.a('string').and.not.equal('');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('checkBatch', () => {
  it('accepts a whole batch and one without events', () => {
    expect(checkBatch(exampleBatch(1_763_800_000_000))).to.have.property('kind', 'valid');
    const { visitor, session, page, ...bare } = exampleBatch(0, {
      events: [],
      ended: [{ stream: '11111111-1111-4111-8111-111111111111', count: 41 }],
    });
    expect([visitor, session, page]).to.not.include(undefined);
    expect(checkBatch(bare)).to.have.property('kind', 'valid');
  });

  it('accepts the null fields of a consent-free page', () => {
    const page = {
      url: '/x',
      referrer: '',
      title: 't',
      viewport: [1440, 900],
      language: null,
      timeZone: null,
      screen: null,
      dpr: null,
      touch: null,
      connection: null,
    };
    expect(
      checkBatch(exampleBatch(0, { page, visitor: null, session: null, consent: 'none' })),
    ).to.have.property('kind', 'valid');
  });

  it('names what is wrong with an envelope', () => {
    expect(checkBatch({ ...exampleBatch(0), stream: 'me' })).to.include({ kind: 'invalid', field: 'stream' });
    expect(checkBatch({ ...exampleBatch(0), events: Array.from({ length: 501 }, () => ({})) })).to.include({
      field: 'events',
      message: 'events must have at most 500 entries',
    });
    expect(checkBatch({ ...exampleBatch(0), visitor: 'someone' })).to.include({ field: 'visitor' });
    expect(checkBatch([])).to.have.property('kind', 'invalid');
  });
});
