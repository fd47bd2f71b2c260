declare const __VERSION__: string | undefined;

/** Version of the SDK, written in by the build. */
export const VERSION = typeof __VERSION__ === 'string' ? __VERSION__ : '0.0.0-source';
