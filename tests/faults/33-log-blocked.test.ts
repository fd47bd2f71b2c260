import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { expectExactlyOnce } from '../support/books.js';
import { startCollector, type Collector } from '../support/collector.js';
import { freshFolder } from '../support/folder.js';
import { startLoad, type Load } from '../support/load.js';
import { more } from '../support/until-load.js';
import { until } from '../support/until.js';

/** A pipe that is full before anybody writes to it, as behind a reader that was stopped. */
const fullPipe = (path: string): { reader: number; writer: number } => {
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const writer = openSync(path, 'w');
  for (;;) {
    try {
      writeSync(reader, Buffer.alloc(4096, ' '));
    } catch {
      return { reader, writer };
    }
  }
};

/** Everything that lies in the pipe now. */
const drain = (reader: number): string => {
  const chunk = Buffer.alloc(65_536);
  let text = '';
  for (;;) {
    try {
      text += chunk.toString('utf8', 0, readSync(reader, chunk));
    } catch {
      return text;
    }
  }
};

describe('33 nobody takes the log', function () {
  this.timeout(300_000);
  let collector: Collector;
  let load: Load | null = null;
  const folder = freshFolder();

  afterEach(async () => {
    await load?.finish();
    load = null;
    await collector.remove();
  });
  after(() => folder.remove());

  it('acknowledges and stores while the reader of stdout is stopped, and is heard when it goes on', async () => {
    const { reader, writer } = fullPipe(join(folder.path, 'log'));
    collector = await startCollector({ LINTEL_LOG_LEVEL: 'debug' }, { stdout: writer });
    load = startLoad(collector.publicUrl, { visitors: 8, pauseMs: 10 });
    await more(load, 1000);
    await expectExactlyOnce(collector, await load.finish());
    // what was said meanwhile comes late: in order, and in whole lines
    let heard = '';
    await until('the log is heard', () => {
      heard += drain(reader);
      return heard.includes('collector.listening') && heard.includes('flush.committed');
    });
    const lines = heard.trim().split('\n').slice(0, -1);
    for (const line of lines) expect(JSON.parse(line.trim())).to.have.property('message');
    closeSync(writer);
    closeSync(reader);
  });

  it('acknowledges and stores while the disk of the log is full', async () => {
    const full = openSync('/dev/full', 'w');
    collector = await startCollector({ LINTEL_LOG_LEVEL: 'debug' }, { stdout: full });
    load = startLoad(collector.publicUrl, { visitors: 8, pauseMs: 10 });
    await more(load, 1000);
    await expectExactlyOnce(collector, await load.finish());
    expect(collector.program().running()).to.equal(true);
    closeSync(full);
  });
});
