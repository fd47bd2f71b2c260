export { createDeadLetters, type DeadLetter, type DeadLetters, type RefusedRow } from './dead-letters.js';
export { createFlusher, type Flusher, type FlusherOptions, type FlusherStatus } from './flusher.js';
export { createLedger, type Ledger, type LedgerRow } from './ledger.js';
