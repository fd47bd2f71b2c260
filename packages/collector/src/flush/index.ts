export { bringBack, type BroughtBack } from './bring-back.js';
export { openBooks, type Book, type Books } from './books.js';
export { createDeadLetters, type DeadLetter, type DeadLetters, type RefusedRow } from './dead-letters.js';
export {
  createFlusher,
  type Flusher,
  type FlusherOptions,
  type FlusherStatus,
  type Rest,
} from './flusher.js';
export { createLedger, type Ledger, type LedgerRow } from './ledger.js';
export { openReplayLog, type BackupMark, type ReplayLog, type ReplayLogState } from './replay-log.js';
