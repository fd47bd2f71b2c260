import { isIPv4 } from 'node:net';

/**
 * A small writer of MaxMind's database format (version 2.0, https://maxmind.github.io/MaxMind-DB), so that tests hold
 * exactly the networks they speak of.
 */
export interface MmdbOptions {
  ipVersion?: 4 | 6;
  recordSize?: 24 | 28 | 32;
  type?: string;
  /** Epoch seconds. */
  built?: number;
}

type Child = Node | number | null;
interface Node {
  children: [Child, Child];
  number: number;
}

const MARKER = Buffer.from('ABCDEF4D61784D696E642E636F6D', 'hex');
const POINTER = 0b0011_1000;
const [STRING, UINT16, UINT32, MAP, UINT64, ARRAY] = [2, 5, 6, 7, 9, 11] as const;

const control = (type: number, size: number): Buffer => {
  const [short, rest] =
    size < 29 ? [size, []] : size < 285 ? [29, [size - 29]] : [30, [(size - 285) >> 8, (size - 285) & 255]];
  return Buffer.from(type < 8 ? [(type << 5) | short, ...rest] : [short, type - 7, ...rest]);
};

const unsigned = (type: number, value: number): Buffer => {
  const bytes: number[] = [];
  for (let left = value; left > 0; left = Math.floor(left / 256)) bytes.unshift(left % 256);
  return Buffer.concat([control(type, bytes.length), Buffer.from(bytes)]);
};

/** Encodes one value after another; a string that was written before becomes a pointer, as in real files. */
const createEncoder = (pointers: boolean) => {
  const strings = new Map<string, number>();
  let length = 0;
  const pieces: Buffer[] = [];
  const push = (piece: Buffer): void => {
    pieces.push(piece);
    length += piece.length;
  };
  const write = (value: unknown): void => {
    if (typeof value === 'string') {
      const at = strings.get(value);
      if (pointers && at !== undefined) {
        const pointer = Buffer.alloc(5, POINTER);
        pointer.writeUInt32BE(at, 1);
        push(pointer);
        return;
      }
      strings.set(value, length);
      const text = Buffer.from(value);
      push(Buffer.concat([control(STRING, text.length), text]));
    } else if (typeof value === 'number') push(unsigned(value < 65_536 ? UINT16 : UINT32, value));
    else if (typeof value === 'bigint') push(unsigned(UINT64, Number(value)));
    else if (Array.isArray(value)) {
      push(control(ARRAY, value.length));
      value.forEach(write);
    } else {
      const entries = Object.entries(value as object);
      push(control(MAP, entries.length));
      for (const [key, inner] of entries) {
        write(key);
        write(inner);
      }
    }
  };
  return {
    add: (value: unknown): number => {
      const at = length;
      write(value);
      return at;
    },
    bytes: () => Buffer.concat(pieces),
  };
};

const groupsOf = (address: string): number[] => {
  const [left = '', right] = address.split('::');
  const parse = (part: string) =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const [head, tail] = [parse(left), parse(right ?? '')];
  const gap = right === undefined ? 0 : 8 - head.length - tail.length;
  return [...head, ...new Array<number>(gap).fill(0), ...tail];
};

const bitsOf = (cidr: string, ipVersion: 4 | 6): string => {
  const [address = '', length = ''] = cidr.split('/');
  if (isIPv4(address)) {
    const bits = address.split('.').map((part) => Number(part).toString(2).padStart(8, '0'));
    return (ipVersion === 6 ? '0'.repeat(96) : '') + bits.join('').slice(0, Number(length));
  }
  const bits = groupsOf(address).map((group) => group.toString(2).padStart(16, '0'));
  return bits.join('').slice(0, Number(length));
};

const record = (left: number, right: number, size: 24 | 28 | 32): Buffer => {
  const bytes = Buffer.alloc(size / 4);
  if (size === 32) {
    bytes.writeUInt32BE(left, 0);
    bytes.writeUInt32BE(right, 4);
    return bytes;
  }
  bytes.writeUIntBE(left & 0xff_ffff, 0, 3);
  bytes.writeUIntBE(right & 0xff_ffff, size / 4 - 3, 3);
  if (size === 28) bytes[3] = ((left >> 24) << 4) | (right >> 24);
  return bytes;
};

/** @param networks CIDR → what the database knows of it; a longer prefix lies inside a shorter one that stands before it */
export const writeMmdb = (
  networks: Readonly<Record<string, unknown>>,
  { ipVersion = 6, recordSize = 28, type = 'Test-City', built = 1_764_000_000 }: MmdbOptions = {},
): Buffer => {
  const data = createEncoder(true);
  const offsets = new Map<string, number>();
  const nodes: Node[] = [];
  const add = (children: [Child, Child]): Node => {
    const node = { children, number: nodes.length };
    nodes.push(node);
    return node;
  };
  const root = add([null, null]);
  for (const [cidr, value] of Object.entries(networks)) {
    const text = JSON.stringify(value);
    const offset = offsets.get(text) ?? data.add(value);
    offsets.set(text, offset);
    const bits = [...bitsOf(cidr, ipVersion)].map(Number) as (0 | 1)[];
    const last = bits.pop()!;
    let node = root;
    for (const bit of bits) {
      const child = node.children[bit];
      node = typeof child === 'object' && child !== null ? child : (node.children[bit] = add([child, child]));
    }
    node.children[last] = offset;
  }
  const valueOf = (child: Child): number =>
    child === null ? nodes.length : typeof child === 'number' ? nodes.length + 16 + child : child.number;
  const metadata = createEncoder(false);
  metadata.add({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: BigInt(built),
    database_type: type,
    description: { en: 'test' },
    ip_version: ipVersion,
    languages: ['en'],
    node_count: nodes.length,
    record_size: recordSize,
  });
  const tree = nodes.map(({ children: [left, right] }) => record(valueOf(left), valueOf(right), recordSize));
  return Buffer.concat([...tree, Buffer.alloc(16), data.bytes(), MARKER, metadata.bytes()]);
};
