import { bare } from './address.js';
import type { Capture } from './context.js';
import { faults } from './faults.js';

/** What the site's Content-Security-Policy refused: directive, blocked address without query, file and line. */
export const csp: Capture = (context) => {
  const tell = context.share(faults);
  context.on(document, 'securitypolicyviolation', (event: SecurityPolicyViolationEvent) => {
    const { effectiveDirective: name, blockedURI, sourceFile, lineNumber, columnNumber } = event;
    tell('csp', {
      name,
      message: `${name} ${bare(blockedURI)}`,
      stack: `@${sourceFile || ''}:${lineNumber}:${columnNumber}`,
    });
  });
  return () => {};
};
