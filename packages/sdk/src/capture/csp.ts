import type { Capture } from './context.js';
import { faults } from './faults.js';

/** What the site's Content-Security-Policy refused: directive, blocked address without query, file and line. */
export const csp: Capture = (context) => {
  const { tell } = context.share(faults);
  context.on(document, 'securitypolicyviolation', (event: SecurityPolicyViolationEvent) => {
    const { effectiveDirective, blockedURI, sourceFile, lineNumber, columnNumber } = event;
    const blocked = blockedURI.replace(/[?#].*$/, '');
    const file = sourceFile?.replace(/[?#].*$/, '');
    tell({
      kind: 'csp',
      name: effectiveDirective,
      message: `${effectiveDirective} ${blocked}`,
      frames: file ? [`${file}:${lineNumber}:${columnNumber}`.slice(0, 160)] : [],
    });
  });
  return () => {};
};
