import { Writable } from 'node:stream';

/** Lines that wait for a slow reader, bytes: some thousand. */
const PENDING_BYTES = 1_048_576;

/**
 * Takes lines for a stream that may be slow, full or gone. What finds no room is dropped and counted, nobody waits for a
 * log and nothing ends because of one: a full disk behind stdout ended the process (ENOSPC, `error` without a listener),
 * a stopped reader made its memory grow. When lines pass again the first one says how many are missing.
 */
export const createLogSink = (out: Writable, pendingBytes = PENDING_BYTES): Writable => {
  let dropped = 0;
  // a line that failed was counted as passed on
  out.on('error', () => {
    dropped += 1;
  });
  const passOn = (line: string | Buffer): void => {
    if (!out.write(line)) return;
    if (dropped === 0) return;
    const lines = dropped;
    dropped = 0;
    out.write(`${JSON.stringify({ level: 'warn', message: 'log.dropped', lines })}\n`);
  };
  return new Writable({
    decodeStrings: false,
    write: (line: string | Buffer, _encoding, done) => {
      if (out.writableLength + line.length > pendingBytes) dropped += 1;
      else passOn(line);
      done();
    },
  });
};
