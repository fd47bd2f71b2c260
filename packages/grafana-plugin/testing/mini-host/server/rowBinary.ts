/** One column of an answer. Times are epoch milliseconds. */
export interface Column {
  name: string;
  /** As ClickHouse writes it. */
  type: string;
  values: unknown[];
}

class Cursor {
  private at = 0;
  constructor(private readonly bytes: Buffer) {}

  get ended(): boolean {
    return this.at >= this.bytes.length;
  }
  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.bytes[this.at++]!;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }
  text(): string {
    const length = this.varint();
    return this.bytes.toString('utf8', this.at, (this.at += length));
  }
  take<T>(size: number, read: (bytes: Buffer, at: number) => T): T {
    const value = read(this.bytes, this.at);
    this.at += size;
    return value;
  }
}

type Read = (cursor: Cursor) => unknown;

/** Splits `A, Map(B, C)` at the outer commas. */
const split = (list: string): string[] => {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at <= list.length; at++) {
    const character = list[at];
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (at === list.length || (character === ',' && depth === 0)) {
      parts.push(list.slice(start, at).trim());
      start = at + 1;
    }
  }
  return parts;
};

const SIMPLE: Readonly<Record<string, Read>> = {
  UInt8: (cursor) => cursor.take(1, (b, at) => b.readUInt8(at)),
  Bool: (cursor) => cursor.take(1, (b, at) => b.readUInt8(at) === 1),
  UInt16: (cursor) => cursor.take(2, (b, at) => b.readUInt16LE(at)),
  UInt32: (cursor) => cursor.take(4, (b, at) => b.readUInt32LE(at)),
  UInt64: (cursor) => cursor.take(8, (b, at) => Number(b.readBigUInt64LE(at))),
  Int8: (cursor) => cursor.take(1, (b, at) => b.readInt8(at)),
  Int16: (cursor) => cursor.take(2, (b, at) => b.readInt16LE(at)),
  Int32: (cursor) => cursor.take(4, (b, at) => b.readInt32LE(at)),
  Int64: (cursor) => cursor.take(8, (b, at) => Number(b.readBigInt64LE(at))),
  Float32: (cursor) => cursor.take(4, (b, at) => b.readFloatLE(at)),
  Float64: (cursor) => cursor.take(8, (b, at) => b.readDoubleLE(at)),
  String: (cursor) => cursor.text(),
  DateTime: (cursor) => cursor.take(4, (b, at) => b.readUInt32LE(at) * 1000),
  Date: (cursor) => cursor.take(2, (b, at) => b.readUInt16LE(at) * 86_400_000),
};

const reader = (type: string): Read => {
  const [, name, inner] = /^(\w+)(?:\((.*)\))?$/s.exec(type) ?? [];
  if (name === 'Nullable') {
    const read = reader(inner!);
    return (cursor) => (cursor.take(1, (b, at) => b.readUInt8(at)) === 1 ? null : read(cursor));
  }
  if (name === 'LowCardinality') return reader(inner!);
  if (name === 'Array') {
    const read = reader(inner!);
    return (cursor) => Array.from({ length: cursor.varint() }, () => read(cursor));
  }
  if (name === 'Tuple') {
    const reads = split(inner!).map((part) => reader(part.replace(/^`?\w+`? (?=\w)/, '')));
    return (cursor) => reads.map((read) => read(cursor));
  }
  if (name === 'Map') {
    const [key, value] = split(inner!).map(reader);
    return (cursor) =>
      Object.fromEntries(
        Array.from({ length: cursor.varint() }, () => [String(key!(cursor)), value!(cursor)]),
      );
  }
  if (name === 'DateTime64') {
    const scale = 10 ** (Number(split(inner!)[0]) - 3);
    return (cursor) => cursor.take(8, (b, at) => Number(b.readBigInt64LE(at)) / scale);
  }
  const read = SIMPLE[name ?? ''];
  if (!read) throw new Error(`no reader for the type ${type}`);
  return read;
};

/** Reads `FORMAT RowBinaryWithNamesAndTypes`: unlike JSON it carries instants, whatever zone a column has. */
export const readRowBinary = (bytes: Buffer): Column[] => {
  const cursor = new Cursor(bytes);
  const width = cursor.varint();
  const names = Array.from({ length: width }, () => cursor.text());
  const types = Array.from({ length: width }, () => cursor.text());
  const reads = types.map(reader);
  const columns = names.map((name, index): Column => ({ name, type: types[index]!, values: [] }));
  while (!cursor.ended) columns.forEach((column, index) => column.values.push(reads[index]!(cursor)));
  return columns;
};
