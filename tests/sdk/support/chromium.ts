import { spawn } from 'node:child_process';
import { chromium, type Browser, type BrowserContext } from 'playwright-core';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--remote-debugging-port=0',
];

/** A real Chromium with a profile that is kept, so that it can be killed and started again. */
export interface Chromium {
  browser: Browser;
  context: BrowserContext;
  profile: string;
  /** Process id of its main process, which owns what pages store. */
  pid: number;
  /** Process ids of its renderers. */
  renderers(): Promise<number[]>;
  /** kill -9 of the browser and all it started. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

/** @param env more environment: with a HOME, what that home trusts */
export const startChromium = async (profile: string, env: Record<string, string> = {}): Promise<Chromium> => {
  const child = spawn(
    process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    [...FLAGS, `--user-data-dir=${profile}`],
    {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    },
  );
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const kill = async (): Promise<void> => {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    await ended;
  };
  const address = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.once('close', () => reject(new Error(`chromium ended: ${said}`)));
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const found = /DevTools listening on (ws:\S+)/.exec(said);
      if (found) resolve(found[1]!);
    });
  });
  // a busy machine may take longer than playwright waits
  const browser = await chromium
    .connectOverCDP(address)
    .catch(() => chromium.connectOverCDP(address))
    .catch(async (error: unknown) => {
      await kill();
      throw error;
    });
  return {
    browser,
    context: browser.contexts()[0]!,
    profile,
    pid: child.pid!,
    kill,
    async renderers() {
      const session = await browser.newBrowserCDPSession();
      const { processInfo } = await session.send('SystemInfo.getProcessInfo');
      await session.detach();
      return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
    },
    async close() {
      await browser.close().catch(() => {});
      await kill();
    },
  };
};
