const encoder = new TextEncoder();

/** The CRC-32 that gzip ends with, bit by bit: what is not compressed is short, and a table weighs more. */
const crc32 = (bytes: Uint8Array): number => {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc;
};

const BLOCK = 0xffff;

/**
 * A gzip member that holds `text` uncompressed: the one form that can be made in the task in which a page dies.
 * Concatenated members are one gzip file (RFC 1952, 2.2), so it can stand before and after compressed ones.
 */
export const storedMember = (text: string): Uint8Array<ArrayBuffer> => {
  const bytes = encoder.encode(text);
  const blocks = Math.max(1, Math.ceil(bytes.length / BLOCK));
  const out = new Uint8Array(18 + bytes.length + 5 * blocks);
  const view = new DataView(out.buffer);
  out.set([31, 139, 8, 0, 0, 0, 0, 0, 0, 255]);
  let at = 10;
  for (let block = 0; block < blocks; block++) {
    const part = bytes.subarray(block * BLOCK, (block + 1) * BLOCK);
    out[at] = +(block === blocks - 1);
    view.setUint16(at + 1, part.length, true);
    view.setUint16(at + 3, ~part.length, true);
    out.set(part, at + 5);
    at += 5 + part.length;
  }
  view.setInt32(at, crc32(bytes), true);
  view.setUint32(at + 4, bytes.length, true);
  return out;
};
