/** Appends until the disk refuses three times in a row; says `+ <stream>` for each acknowledged unit, `- <code>` for each refusal. */
import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { openDisk } from '../../../src/buffer/disk.js';
import { systemClock } from '../../../src/clock.js';
import { BufferUnavailable } from '../../../src/errors.js';
import { silentLog } from '../../../src/log.js';
import { aStream, aUnit, rowsOf } from './units.js';

const [dir, most] = process.argv.slice(2) as [string, string];
const say = (line: string): void => {
  writeSync(1, `${line}\n`);
};

const buffer = openDisk({
  dir,
  clock: systemClock,
  log: silentLog,
  seenTtlMs: 86_400_000,
  reserveBytes: 0,
  deadlineMs: 10_000,
});
say('opened');
let refusals = 0;
for (let n = 0; n < Number(most) && refusals < 3; n += 1) {
  const stream = aStream();
  const row = { json: JSON.stringify({ stream, seq: 0, filler: randomBytes(1500).toString('hex') }) };
  try {
    await buffer.append(0, aUnit(rowsOf(stream, 1, 0, row)));
    say(`+ ${stream}`);
    refusals = 0;
  } catch (error) {
    if (!(error instanceof BufferUnavailable)) throw error;
    say(`- ${error.code} ${error.outcome}`);
    refusals += 1;
  }
}
say('end');
process.exit(0);
