import {
  Component,
  createContext,
  createElement,
  useCallback,
  useContext,
  useEffect,
  useRef,
  useState,
  type ErrorInfo,
  type FunctionComponent,
  type ReactNode,
  type RefCallback,
} from 'react';
import type { Lintel } from './types.js';

const Context = createContext<Lintel | null>(null);

/** Hands a client down: `<LintelProvider client={init({ key })}>`. */
export const LintelProvider: FunctionComponent<{ client: Lintel; children?: ReactNode }> = ({
  client,
  children,
}) => createElement(Context.Provider, { value: client }, children);

/** @throws {Error} outside of a provider: a mistake of the site, found at the first render */
export const useLintel = (): Lintel => {
  const client = useContext(Context);
  if (!client) throw new Error('useLintel needs a LintelProvider above it');
  return client;
};

/**
 * The visitor's arm; undefined while it is undecided: render the reserved space, not the control.
 * Call it where the difference is seen. Two effects of StrictMode make one exposure.
 */
export const useExperiment = (name: string, waitMs?: number): string | undefined => {
  const client = useLintel();
  const [variant, setVariant] = useState<string>();
  useEffect(() => {
    let mounted = true;
    void client.experiment(name, waitMs).then((arm) => mounted && setVariant(arm));
    return () => {
      mounted = false;
    };
  }, [client, name, waitMs]);
  return variant;
};

/** A ref for an element whose being seen counts. */
export const useSeen = (name: string): RefCallback<Element> => {
  const client = useLintel();
  const stop = useRef<(() => void) | undefined>(undefined);
  return useCallback(
    (element: Element | null) => {
      stop.current?.();
      stop.current = element ? client.observe(element, name) : undefined;
    },
    [client, name],
  );
};

/** Reports what the tree below throws, and shows `fallback` instead. */
export class LintelBoundary extends Component<
  { fallback?: ReactNode; children?: ReactNode },
  { failed: boolean }
> {
  static override contextType = Context;
  override state = { failed: false };
  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }
  override componentDidCatch(error: Error, { componentStack }: ErrorInfo): void {
    (this.context as Lintel | null)?.error(error, {
      component: (componentStack ?? '').trim().split('\n')[0],
    });
  }
  override render(): ReactNode {
    return this.state.failed ? (this.props.fallback ?? null) : this.props.children;
  }
}
