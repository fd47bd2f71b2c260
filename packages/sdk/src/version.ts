declare const __VERSION__: string | undefined;
declare const __TAG__: boolean | undefined;

/** Version of the SDK, written in by the build. */
export const VERSION = typeof __VERSION__ === 'string' ? __VERSION__ : '0.0.0-source';

/** Whether this is the file of the script tag: what no attribute can say is left out of it. */
export const IS_TAG = typeof __TAG__ === 'boolean' && __TAG__;
