import { Writable } from 'node:stream';
import { expect } from 'chai';
import { createLogSink } from '../src/log-sink.js';

const LINE = `${'x'.repeat(99)}\n`;
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('log sink', () => {
  it('drops what a stopped reader leaves no room for, and says how much once it reads again', async () => {
    const heard: string[] = [];
    let stopped = true;
    let goOn = (): void => {};
    const reader = new Writable({
      decodeStrings: false,
      write: (line: string, _encoding, done) => {
        heard.push(line);
        if (stopped) goOn = done;
        else done();
      },
    });
    const sink = createLogSink(reader, 1000);
    for (let n = 0; n < 50; n += 1) sink.write(LINE);
    expect(reader.writableLength).to.be.at.most(1000);
    stopped = false;
    goOn();
    await tick();
    sink.write(LINE);
    await tick();
    const told = heard.filter((line) => line !== LINE).map((line) => JSON.parse(line) as { lines: number });
    expect(told).to.have.length(1);
    expect(heard.length - 1 + told[0]!.lines).to.equal(51);
  });

  it('outlives a stream that fails', async () => {
    let full = true;
    const heard: string[] = [];
    const disk = new Writable({
      // as process.stdout: an error does not close it
      autoDestroy: false,
      emitClose: false,
      decodeStrings: false,
      write: (line: string, _encoding, done) => {
        if (full) return done(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }));
        heard.push(line);
        done();
      },
    });
    const sink = createLogSink(disk);
    sink.write(LINE);
    await tick();
    full = false;
    expect(() => sink.write(LINE)).not.to.throw();
  });
});
