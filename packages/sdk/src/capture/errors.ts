import { bare } from './address.js';
import type { Capture } from './context.js';
import { faults } from './faults.js';
import { patch } from './patch.js';

type Failure = Partial<ErrorEvent & PromiseRejectionEvent>;

/** Exceptions, rejections, resources that did not load, and what the site reports itself. */
export const errors: Capture = (context) => {
  const tell = context.share(faults);

  const failed = (event: Event): void => {
    const { reason, error, message, filename, lineno, colno } = event as Failure;
    const { localName, src, href } = event.target as Partial<HTMLImageElement & HTMLLinkElement>;
    const address = src || href;
    if (event.type !== 'error') tell('rejection', reason);
    // a script without `crossorigin` only says "Script error.": kept, with its count
    else if (event instanceof ErrorEvent)
      tell('exception', error || { message, stack: `@${filename}:${lineno}:${colno}` });
    else if (address && localName) tell('resource', { name: localName, message: bare(String(address)) });
  };

  for (const { event } of context.kept) if (/error|rejection/.test(event.type)) failed(event);
  context.on(window, 'error', failed, { capture: true });
  context.on(window, 'unhandledrejection', failed);
  context.offer('error', (reason, props) =>
    tell('manual', reason, true, props && ` ${JSON.stringify(props)}`),
  );
  if (!context.settings.console) return () => {};
  return patch(context, console, 'error', (_console, said) =>
    tell('console', said.find((one) => one instanceof Error) ?? said.join(' ')),
  );
};
