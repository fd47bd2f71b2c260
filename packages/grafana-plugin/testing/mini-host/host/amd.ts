type Factory = (...parts: unknown[]) => unknown;

/** The AMD loader of this page: modules by name, as Grafana shares them. */
export interface AmdWindow {
  define?: ((dependencies: string[], factory: Factory) => void) & { amd?: object };
}

/**
 * Evaluates the built `module.js` as Grafana does: an anonymous AMD module whose dependencies are the host's own.
 * @throws {Error} naming a module that this host does not share
 */
export const loadModule = async (
  url: string,
  shared: Readonly<Record<string, unknown>>,
): Promise<unknown> => {
  let loaded: unknown;
  const define = (dependencies: string[], factory: Factory): void => {
    const parts = dependencies.map((name) => {
      if (name === 'module') return { id: url, uri: url };
      if (!(name in shared)) throw new Error(`the host shares no module ${name}`);
      return shared[name];
    });
    loaded = factory(...parts);
  };
  const place = window as unknown as AmdWindow;
  place.define = Object.assign(define, { amd: {} });
  await new Promise<void>((resolve, reject) => {
    const script = document.createElement('script');
    script.src = url;
    script.onload = () => resolve();
    script.onerror = () => reject(new Error(`${url} cannot be loaded`));
    document.head.append(script);
  });
  // axe and others look for a define of their own
  delete place.define;
  return loaded;
};
