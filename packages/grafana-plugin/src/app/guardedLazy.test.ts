import { loadGuarded, type Guards } from './guardedLazy';

const guards = (kept: Record<string, string> = {}) => {
  const reload = jest.fn();
  const made: Guards = {
    storage: {
      getItem: (name) => kept[name] ?? null,
      setItem: (name, value) => void (kept[name] = value),
      removeItem: (name) => void delete kept[name],
    },
    reload,
    wait: () => Promise.resolve(),
  };
  return { made, reload, kept };
};

describe('a chunk that fails', () => {
  it('is tried once more', async () => {
    const { made, reload } = guards();
    const load = jest.fn().mockRejectedValueOnce(new Error('offline')).mockResolvedValueOnce('page');
    await expect(loadGuarded(load, made)).resolves.toBe('page');
    expect(reload).not.toHaveBeenCalled();
  });

  it('reloads the page once: the plugin was upgraded under it', async () => {
    const { made, reload, kept } = guards();
    const load = jest.fn().mockRejectedValue(new Error('ChunkLoadError'));
    void loadGuarded(load, made);
    await new Promise((resolve) => setTimeout(resolve));
    expect(load).toHaveBeenCalledTimes(2);
    expect(reload).toHaveBeenCalledTimes(1);
    await expect(loadGuarded(load, guards(kept).made)).rejects.toThrow('ChunkLoadError');
  });

  it('may reload again after a page that came', async () => {
    const { made, reload } = guards({ 'lintel-app.reloaded-for-chunk': '1' });
    await loadGuarded(() => Promise.resolve('page'), made);
    void loadGuarded(() => Promise.reject(new Error('ChunkLoadError')), made);
    await new Promise((resolve) => setTimeout(resolve));
    expect(reload).toHaveBeenCalledTimes(1);
  });
});
