export {
  laneName,
  parseLane,
  type Appended,
  type Buffer,
  type Fence,
  type Lane,
  type LaneTable,
  type LedgerCounts,
  type RowIdentity,
  type Sealed,
  type SealedPart,
  type SealLimits,
  type Unit,
} from './buffer.js';
export type { EventRow, RowVerdict, RowWriter } from './row.js';
export { openBuffer, type BufferOptions, type OpenBuffer } from './open-buffer.js';
export { createRowWriter, type WriterOptions } from './writer.js';
