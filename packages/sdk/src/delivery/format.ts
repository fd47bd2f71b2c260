/** Of a row: an older SDK leaves newer rows alone. */
export const ROW_FORMAT = 1;

/** Rows in the order of their keys. */
export const ROWS = 'rows';
/** What is needed to send each stream. */
export const STREAMS = 'streams';
/** What changes rarely. */
export const VALUES = 'values';
