/** What can go wrong, by a code that stays the same between releases. */
export type EmbeddedErrorCode =
  | 'BAD_OPTIONS'
  | 'PLATFORM_UNSUPPORTED'
  | 'ENGINE_MISSING'
  | 'DIRECTORY_IN_USE'
  | 'DATA_NEWER'
  | 'CREDENTIALS_BAD'
  | 'PORT_BUSY'
  | 'START_FAILED'
  | 'STOPPED';

/** Codes that a second attempt cannot cure: somebody has to change something first. */
const NEEDS_A_PERSON: readonly EmbeddedErrorCode[] = [
  'BAD_OPTIONS',
  'PLATFORM_UNSUPPORTED',
  'ENGINE_MISSING',
  'DIRECTORY_IN_USE',
  'DATA_NEWER',
  'CREDENTIALS_BAD',
  'PORT_BUSY',
];

/** The one error family of this package. `message` is one line; `detail` may hold the tail of the engine's log. */
export class EmbeddedError extends Error {
  override readonly name = 'EmbeddedError';
  readonly code: EmbeddedErrorCode;
  readonly detail: string;

  constructor(code: EmbeddedErrorCode, message: string, options: { detail?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.detail = options.detail ?? '';
  }

  /** Exit code for a command line: 78 (`EX_CONFIG`) when something has to be changed first, 1 otherwise. */
  get exitCode(): 1 | 78 {
    return NEEDS_A_PERSON.includes(this.code) ? 78 : 1;
  }
}
