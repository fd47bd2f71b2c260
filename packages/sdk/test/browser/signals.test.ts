import { expect } from 'chai';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { complaintsOf, launch, until } from '../support/browser.js';
import { startDouble, type Double, type Stored } from '../support/collector.js';
import { startSite, type Site } from '../support/site.js';

const BODY = `
<style>
  body { margin: 0 } .wide { display: flex } .card { flex: 1; width: 100%; height: 120px }
  @media (max-width: 600px) { .wide { display: block } }
  header { position: sticky; top: 0; height: 40px }
</style>
<header><button id="menu" data-lintel="menu">Menu</button></header>
<div class="wide"><button class="card" data-lintel="card:a">A</button><button class="card" data-lintel="card:b"><i>B</i></button></div>
<button id="dead">Nothing happens</button>
<button id="alive" onclick="this.textContent = 'done'">Something happens</button>
<button id="asks" onclick="document.querySelector('[type=file]').click()">Asks for a file</button><input type="file" hidden>
<button id="more" data-lintel-repeat onclick="this.textContent += '+'">More</button>
<div data-lintel-mask><button id="secret">Name of a person</button></div>
<p data-lintel-see="teaser" style="height: 100px">Look</p>
<form name="contact" onsubmit="return false"><input name="email" required><input name="phone"><input type="password" name="pin"><button>send</button></form>
<div style="height: 4000px"></div>`;

describe('signals', () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let double: Double;
  let site: Site;
  let complaints: string[];

  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());
  beforeEach(async () => {
    double = await startDouble();
    site = await startSite({ collector: double.url, body: BODY });
    context = await browser.newContext({ hasTouch: true });
    page = await context.newPage();
    complaints = complaintsOf(page);
  });
  afterEach(async () => {
    await context.close();
    await site.stop();
    await double.stop();
    expect(double.refused).to.eql([]);
  });

  const open = async (): Promise<void> => {
    await page.goto(site.url);
    await page.waitForFunction(() => 'select' in ((window as never as { lintel?: object }).lintel ?? {}));
    await until(() => double.ofType('vital').length > 0, 'the chunks');
  };
  const told = async (type: string, count = 1): Promise<Stored[]> => {
    await until(() => double.ofType(type).length >= count, `${count} ${type}`);
    return double.ofType(type);
  };
  const leave = (): Promise<unknown> => page.goto(`${site.url}/empty`);

  it('puts the same click into the same cell of the same element at every width', async () => {
    const cells: string[] = [];
    for (const width of [390, 820, 1440]) {
      await page.setViewportSize({ width, height: 800 });
      await open();
      const box = (await page.locator('[data-lintel="card:b"]').boundingBox())!;
      await page.mouse.click(box.x + box.width * 0.7, box.y + box.height * 0.3);
      const clicks = await told('click', cells.length + 1);
      const {
        sel,
        ex,
        ey,
        box: measured,
      } = clicks.at(-1)! as unknown as { sel: string; ex: number; ey: number; box: number[] };
      cells.push(`${sel} ${Math.floor((ex / 32768) * 16)} ${Math.floor((ey / 32768) * 16)}`);
      expect(measured).to.eql([box.x, box.y, box.width, box.height].map(Math.round));
    }
    expect(new Set(cells)).to.eql(new Set(['[data-lintel="card:b"] 11 4']));
  });

  it('marks what does not scroll with the page, presses of keys, and hides masked subtrees', async () => {
    await open();
    await page.click('#menu');
    await page.click('#menu');
    await page.focus('#alive');
    await page.keyboard.press('Enter');
    await page.click('#secret');
    const clicks = await told('click', 4);
    expect(clicks[1]).to.include({ label: 'menu', fixed: true, kind: 'mouse' });
    expect(clicks[2]).to.include({ sel: '#alive', kind: 'key', ex: 16384, ey: 16384 });
    expect(clicks[3]).to.include({ label: 'div' });
    expect(JSON.stringify(clicks[3])).not.to.match(/secret|person/);
  });

  it('gives each click from before it came its own place', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    await page.route('**/sdk/lintel-signals.js', async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(site.url);
    await page.waitForFunction(() => 'select' in ((window as never as { lintel?: object }).lintel ?? {}));
    const names = ['card:a', 'card:b', 'menu'];
    for (const name of names) await page.click(`[data-lintel="${name}"]`);
    release();
    const clicks = await told('click', 3);
    expect(clicks.map(({ label }) => label)).to.eql(names);
    for (const { ex, ey } of clicks)
      for (const at of [ex, ey] as number[]) expect(Math.floor((at / 32768) * 16)).to.be.within(7, 8);
    const [a, b] = clicks.map(({ box }) => (box as number[])[0]!);
    expect(a).to.be.below(b!);
    expect(double.ofType('dead_click')).to.eql([]);
  });

  it('tells rage, but not where repeating is meant', async () => {
    await open();
    await page.click('#dead', { clickCount: 4, delay: 20 });
    await page.click('#more', { clickCount: 4, delay: 20 });
    const [rage] = await told('rage_click');
    expect(rage).to.include({ sel: '#dead', count: 4 });
    await leave();
    await told('page_leave');
    expect(double.ofType('rage_click').length).to.equal(1);
  });

  it('tells dead clicks, and none that had an effect', async () => {
    await open();
    await page.click('#alive');
    await new Promise((resolve) => setTimeout(resolve, 2800));
    await page.click('#asks');
    await new Promise((resolve) => setTimeout(resolve, 2800));
    await page.click('#dead');
    const dead = await told('dead_click');
    expect(dead.map(({ sel }) => sel)).to.eql(['#dead']);
    expect(dead[0]!['after']).to.be.a('number');
  });

  it('tells the life of a form without a value, and never names a password', async () => {
    await open();
    await page.fill('[name=email]', 'anna@example.at');
    await page.fill('[name=pin]', '1234');
    await page.fill('[name=phone]', '0660');
    await page.click('form button');
    const forms = await told('form', 2);
    expect(forms.map(({ step }) => step)).to.eql(['start', 'submit']);
    expect((forms[1]!['fields'] as [string][]).map(([name]) => name)).to.include.members(['email', 'phone']);
    expect(JSON.stringify(double.received)).not.to.match(/anna|1234|0660|"pin"/);
    await page.fill('[name=phone]', '1');
    await leave();
    expect((await told('form', 4)).at(-1)).to.include({ step: 'abandon', last: 'phone' });
  });

  it('adds attention up in increments, and knows how far was scrolled', async () => {
    await open();
    await page.mouse.move(10, 10);
    await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
    await told('scroll', 5);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    await leave();
    const [left] = await told('page_leave');
    expect(left).to.include({ depth: 100, final: true, view: 0 });
    expect(left!['engagedMs']).to.be.within(1000, 30_000);
    expect(double.ofType('scroll').map(({ depth }) => depth)).to.eql([25, 50, 75, 90, 100]);
  });

  it('tells what was seen for a second, marked or observed', async () => {
    await open();
    await page.evaluate(`lintel.observe(document.querySelector('.wide'), 'cards')`);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await page.evaluate('scrollTo(0, 3000)');
    const seen = await told('visibility', 2);
    expect(seen.map(({ name }) => name).sort()).to.eql(['cards', 'teaser']);
  });

  it('tells errors once, counts repeats, ties them to their click, and cleans what they say', async () => {
    await open();
    await page.evaluate(
      `document.querySelector('#alive').addEventListener('click', () => { throw new TypeError('no price for anna@example.at') })`,
    );
    await page.click('#alive');
    const [first] = await told('error');
    expect(first).to.include({ kind: 'exception', name: 'TypeError', count: 1 });
    expect(first!['message']).to.include('[redacted]');
    expect(first!['after']).to.equal(double.ofType('click')[0]!.seq);
    expect(first!['frames']).to.have.length.above(0);
    await page.click('#alive');
    await page.click('#alive');
    await page.evaluate(
      `Promise.reject(new Error('rejected')); lintel.error(new Error('handled'), { step: 2 })`,
    );
    await page.evaluate(
      `document.body.append(Object.assign(new Image(), { src: '${double.url}/missing.png?secret=1' }))`,
    );
    await told('error', 4);
    await leave();
    const all = await told('error', 5);
    expect(all.map(({ kind }) => kind).sort()).to.eql([
      'exception',
      'exception',
      'manual',
      'rejection',
      'resource',
    ]);
    expect(all.find(({ count, kind }) => kind === 'exception' && count === 2)).to.not.equal(undefined);
    expect(JSON.stringify(all)).not.to.match(/secret=1|anna@/);
  });

  it("tells failed requests of the page, never its own, and leaves the host's promises alone", async () => {
    await open();
    const same = await page.evaluate(async () => {
      const answer = await fetch('/next?token=1');
      const failed = await fetch('http://127.0.0.1:1/nobody').catch((reason: Error) => reason.name);
      return [answer.ok, failed];
    });
    expect(same).to.eql([true, 'TypeError']);
    await page.evaluate(
      (url) =>
        new Promise((resolve) => {
          const request = new XMLHttpRequest();
          request.open('GET', `${url}/missing?x=1`);
          request.onloadend = resolve;
          request.send();
        }),
      double.url,
    );
    const requests = await told('request', 2);
    const bad = requests.filter(({ failure, status }) => failure || (status as number) >= 400);
    expect(bad.map(({ kind, status, failure, method }) => [kind, status, failure, method])).to.eql([
      ['fetch', 0, 'network', 'GET'],
      ['xhr', 404, undefined, 'GET'],
    ]);
    for (const { url } of requests) expect(url).not.to.match(/\?|v1\/events/);
  });

  it('tells a request that is used again once each time', async () => {
    await open();
    await page.evaluate(`new Promise((resolve) => {
      const request = new XMLHttpRequest();
      const addresses = ['${double.url}/missing', 'http://127.0.0.1:1/nobody'];
      request.onloadend = () => {
        const address = addresses.shift();
        if (!address) return resolve();
        request.open('GET', address);
        request.send();
      };
      request.onloadend();
    })`);
    await leave();
    await until(() => double.ended.size === 1, 'the end');
    expect(double.ofType('request').map(({ status, failure }) => [status, failure])).to.eql([
      [404, undefined],
      [0, 'network'],
    ]);
  });

  it('names what a vital was about, also by an id', async () => {
    await open();
    await page.evaluate(
      `document.querySelector('#dead').addEventListener('click', () => { const end = performance.now() + 100; while (performance.now() < end); })`,
    );
    await page.click('#dead');
    // entries come with a later frame, and are read at rest
    await new Promise((resolve) => setTimeout(resolve, 2500));
    await leave();
    const inp = (): Stored | undefined => double.ofType('vital').find(({ name }) => name === 'INP');
    await until(() => inp() !== undefined, 'the interaction');
    expect(inp()!['attribution']).to.include({ interactionTarget: '#dead', interactionType: 'pointer' });
  });

  it('tells swipes, long presses and pinches', async () => {
    await open();
    const devtools = await context.newCDPSession(page);
    const touch = (
      type: 'touchStart' | 'touchMove' | 'touchEnd',
      ...points: [number, number][]
    ): Promise<unknown> =>
      devtools.send('Input.dispatchTouchEvent', {
        type,
        touchPoints: points.map(([x, y], id) => ({ x, y, id })),
      });
    await touch('touchStart', [300, 300]);
    for (const x of [250, 200, 150]) await touch('touchMove', [x, 302]);
    await touch('touchEnd');
    await touch('touchStart', [100, 300]);
    await new Promise((resolve) => setTimeout(resolve, 700));
    await touch('touchEnd');
    await touch('touchStart', [200, 300], [220, 300]);
    await touch('touchMove', [150, 300], [270, 300]);
    await touch('touchEnd');
    const gestures = await told('gesture', 3);
    expect(gestures.map(({ kind, dir }) => [kind, dir])).to.eql([
      ['swipe', 'left'],
      ['long_press', undefined],
      ['pinch', 'out'],
    ]);
  });

  it('tells the share of what was sent, also where a request was drawn twice', async () => {
    double.settings = { experiments: [], sampling: { request: 0.5 }, off: [], pause: 0, level: null };
    await page.addInitScript('Math.random = () => 0.05');
    await open();
    // the settings are there
    await page.evaluate(`lintel.experiment('none', 3000)`);
    await page.evaluate(`fetch('/quick').then(() => fetch('http://127.0.0.1:1/nobody').catch(() => {}))`);
    const requests = await told('request', 2);
    // a tenth of the quick ones, and all that fail, in one of two page instances
    const of = (part: string) => requests.find(({ url }) => String(url).includes(part))!['rate'];
    expect(of('/quick')).to.be.closeTo(0.05, 1e-9);
    expect(of('/nobody')).to.equal(0.5);
    await leave();
  });

  it('tells long frames of the page, and counts its own apart', async () => {
    await open();
    await page.evaluate(
      `new Promise((done) => setTimeout(() => { const end = performance.now() + 250; while (performance.now() < end); done() }))`,
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    await leave();
    const [frame] = await told('long_frame');
    expect(frame!['ms']).to.be.at.least(200);
  });

  it('enrols by consented visitor, exposes once, and gives everybody else the control', async () => {
    double.settings = {
      experiments: [
        {
          name: 'hero',
          version: 2,
          salt: 's',
          traffic: 10_000,
          arms: [
            { name: 'control', weight: 0 },
            { name: 'large', weight: 10_000 },
          ],
        },
      ],
      sampling: {},
      off: ['forms'],
      pause: 0,
      level: null,
    };
    await open();
    expect(await page.evaluate(`lintel.experiment('hero', 3000)`)).to.equal('control');
    site.options.attributes = 'data-consent="statistics"';
    await page.goto(site.url);
    await page.waitForFunction('window.lintel && lintel.stats');
    expect(
      await page.evaluate(`Promise.all([lintel.experiment('hero', 3000), lintel.experiment('hero', 3000)])`),
    ).to.eql(['large', 'large']);
    const exposures = await told('exposure');
    expect(exposures.map(({ experiment, variant, version }) => [experiment, variant, version])).to.eql([
      ['hero', 'large', 2],
    ]);
    await page.focus('[name=email]');
    await leave();
    await until(() => double.ended.size > 1, 'the end');
    expect(double.ofType('form')).to.eql([]);
  });

  it('leaves no listener, observer or patch behind after a hundred starts', async () => {
    await open();
    const counts = (await page.evaluate(`(async () => {
      const { addEventListener: add, removeEventListener: remove } = EventTarget.prototype;
      const live = new Map();
      EventTarget.prototype.addEventListener = function (...args) {
        live.set(args[0], (live.get(args[0]) ?? 0) + 1);
        args[2]?.signal?.addEventListener('abort', () => live.set(args[0], live.get(args[0]) - 1));
        add.apply(this, args);
      };
      EventTarget.prototype.removeEventListener = function (...args) {
        live.set(args[0], (live.get(args[0]) ?? 0) - 1);
        remove.apply(this, args);
      };
      await lintel.consent('off');
      live.clear();
      for (let i = 0; i < 100; i++) {
        await lintel.consent('none');
        await new Promise((resolve) => setTimeout(resolve, 20));
        await lintel.consent('off');
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
      Object.assign(EventTarget.prototype, { addEventListener: add, removeEventListener: remove });
      return { left: [...live].filter(([, count]) => count > 0), faults: lintel.stats().faults };
    })()`)) as { left: [string, number][]; faults: number };
    // `load` and `error` of script elements, abort signals of requests: gone with their objects
    expect(counts.left.filter(([type]) => !/^(load|abort)$/.test(type))).to.eql([]);
    expect(counts.faults).to.equal(0);
    expect(complaints).to.eql([]);
  });
});
