import type { Capture } from './context.js';
import { faults, type Fault } from './faults.js';
import { framesOf } from './stack.js';

/** Exceptions, rejections, resources that did not load, and what the site reports itself. */
export const errors: Capture = (context) => {
  const { tell } = context.share(faults);

  const describe = (reason: unknown): Omit<Fault, 'kind'> => {
    const { name, message, stack } = (typeof reason === 'object' && reason ? reason : {}) as Partial<Error>;
    return {
      name: name === undefined ? undefined : String(name),
      message: String(message ?? reason),
      frames: framesOf(stack, context.clean),
    };
  };
  const failed = (event: Event): void => {
    if (event.type === 'unhandledrejection')
      return tell({ kind: 'rejection', ...describe((event as PromiseRejectionEvent).reason) });
    if (event instanceof ErrorEvent) {
      const { error, message, filename, lineno, colno } = event;
      // a script without `crossorigin` only says "Script error.": kept, with its count
      if (error) tell({ kind: 'exception', ...describe(error) });
      else
        tell({
          kind: 'exception',
          message,
          frames: filename ? [`${filename}:${lineno}:${colno}`.slice(0, 160)] : [],
        });
      return;
    }
    const element = event.target as Partial<HTMLImageElement & HTMLLinkElement> | null;
    const address = element?.src || element?.href;
    if (address && element.localName)
      tell({ kind: 'resource', name: element.localName, message: String(address).replace(/[?#].*$/, '') });
  };

  for (const { event } of context.kept) if (/error|rejection/.test(event.type)) failed(event);
  context.on(window, 'error', failed, { capture: true });
  context.on(window, 'unhandledrejection', failed);
  context.offer('error', (reason, props) => {
    const { message, ...rest } = describe(reason);
    const said = props ? ` ${JSON.stringify(props)}` : '';
    tell({ kind: 'manual', handled: true, message: message + said, ...rest });
  });

  if (!context.settings.console) return () => {};
  const original = console.error;
  const patched = (...args: unknown[]): void => {
    original.apply(console, args);
    context.guard(() =>
      tell({ kind: 'console', ...describe(args.find((one) => one instanceof Error) ?? args.join(' ')) }),
    )();
  };
  console.error = patched;
  return () => {
    if (console.error === patched) console.error = original;
  };
};
