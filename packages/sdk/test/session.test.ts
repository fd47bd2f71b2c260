import { expect } from 'chai';
import { nextSession, type Session } from '../src/identity/session.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const session: Session = { id: 'a', startedAt: 0, lastAt: 0 };

describe('session', () => {
  it('goes on for thirty minutes of rest', () => {
    expect(nextSession(session, 30 * MINUTE - 1, 'b').id).to.equal('a');
    expect(nextSession(session, 30 * MINUTE, 'b')).to.eql({
      id: 'b',
      startedAt: 30 * MINUTE,
      lastAt: 30 * MINUTE,
    });
  });
  it('ends after a day, however busy', () => {
    expect(nextSession({ ...session, lastAt: 24 * HOUR - MINUTE }, 24 * HOUR - 1, 'b').id).to.equal('a');
    expect(nextSession({ ...session, lastAt: 24 * HOUR - MINUTE }, 24 * HOUR, 'b').id).to.equal('b');
  });
  it('begins where there is none, and is not moved back by a clock that jumps', () => {
    expect(nextSession(undefined, 5, 'b')).to.eql({ id: 'b', startedAt: 5, lastAt: 5 });
    expect(nextSession({ ...session, lastAt: 100 }, 50, 'b').lastAt).to.equal(100);
  });
});
