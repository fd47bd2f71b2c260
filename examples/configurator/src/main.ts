import './styles/index.css';
import { createAnalytics, type ConsentLevel } from './analytics.js';
import { loadCatalogue } from './catalogue.js';
import { consentBanner } from './components/consent-banner.js';
import { debugDrawer } from './components/debug-drawer.js';
import { footer } from './components/footer.js';
import { header } from './components/header.js';
import { createNotice } from './components/notice.js';
import { createContext, type Arrival, type Context } from './context.js';
import { createRouter, type Router } from './router.js';
import { createInstallation } from './service-worker-registration.js';
import { createStorage } from './storage.js';
import { h } from './dom.js';
import { createStore } from './store.js';
import { languageOf, TEXTS } from './text/index.js';
import { configurator } from './views/configurator.js';
import { inquiry } from './views/inquiry.js';
import { landing } from './views/landing.js';
import { summary } from './views/summary.js';
import { thanks } from './views/thanks.js';

/** The script tag names the collector and the site; the page needs no other setting. */
const collectorOf = (page: Document): { origin: string; key: string } => {
  const tag = page.querySelector<HTMLScriptElement>('script[data-key]')!;
  return { origin: new URL(tag.src).origin, key: tag.dataset['key']! };
};

const start = async (host: Window): Promise<void> => {
  const page = host.document;
  const collector = collectorOf(page);
  const analytics = createAnalytics(host);
  const storage = createStorage(host);
  const remembered = storage.consent();
  // `data-hold` keeps the first page view until this answer, so a visitor who agreed earlier is known from it on.
  analytics.consent(remembered ?? 'none');

  const catalogue = await loadCatalogue(
    `${collector.origin}/v1/catalogue?key=${encodeURIComponent(collector.key)}`,
  );
  const notice = createNotice(host);
  const outlet = h('main', { id: 'main' });
  const chrome = { header: h('div'), footer: h('div'), consent: h('div'), debug: h('div') };
  let arrival: Arrival | null = null;
  let consented: ConsentLevel | null = remembered;
  const router: Router = createRouter(host, outlet, {
    '/': () => landing(context),
    '/konfigurator': () => configurator(context, notice),
    '/zusammenfassung': () => summary(context),
    '/anfrage': () => inquiry(context),
    '/danke': () => thanks(context),
  });
  const context: Context = createContext({
    host,
    catalogue,
    analytics,
    storage,
    collector,
    store: createStore(catalogue, analytics),
    language: () => languageOf(host.location.search),
    go(address, handed) {
      arrival = handed ?? null;
      router.go(address);
    },
    arrival: () => arrival,
  });

  const installation = createInstallation(host, (activate) =>
    notice.show(context.text().update.text, { label: context.text().update.action, run: activate }),
  );
  const ask = (): void => chrome.consent.replaceChildren(consentBanner(context, consented, answer));
  const answer = (level: ConsentLevel): void => {
    consented = level;
    storage.rememberConsent(level);
    analytics.consent(level);
    chrome.consent.replaceChildren();
    if (level === 'none') void installation.withdraw();
    else installation.allow();
  };
  const switchLanguage = (): void => {
    const search = new URLSearchParams(host.location.search);
    if (context.language() === 'en') search.delete('lang');
    else search.set('lang', 'en');
    const query = search.toString();
    host.history.replaceState(host.history.state, '', host.location.pathname + (query && `?${query}`));
    analytics.track('language', { language: context.language() });
    draw();
    router.redraw();
  };
  const draw = (): void => {
    page.documentElement.lang = context.language();
    chrome.header.replaceChildren(header(context, switchLanguage));
    chrome.footer.replaceChildren(footer(context, ask));
    if (chrome.consent.firstChild) ask();
    if (new URLSearchParams(host.location.search).has('debug'))
      chrome.debug.replaceChildren(debugDrawer(context));
  };

  page
    .querySelector('#app')!
    .replaceChildren(chrome.header, outlet, chrome.footer, chrome.debug, notice.element, chrome.consent);
  draw();
  router.start();
  if (remembered === null) ask();
  else if (remembered !== 'none') installation.allow();
  host.addEventListener('offline', () => notice.show(TEXTS[context.language()].offline));
};

void start(window);
