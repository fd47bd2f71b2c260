import type { Consent } from '@lintel/protocol/types';
import type { Channel, Person } from './people.js';
import type { Random } from './random.js';
import { record, type Recorder, type Visit } from './recorder.js';
import { click } from './hand.js';
import { leaveVitals, loadVitals } from './signals.js';

const TITLES: Readonly<Record<string, string>> = {
  '/': 'Waldnest · Modulare Holzhäuser aus Österreich',
  '/konfigurator': 'Ihr Haus · Waldnest',
  '/zusammenfassung': 'Zusammenfassung · Waldnest',
  '/anfrage': 'Anfrage · Waldnest',
  '/danke': 'Danke für Ihr Vertrauen. · Waldnest',
};

/** One visit to the site: views follow each other in a page instance, which changes when the banner is answered. */
export interface Browsing {
  readonly level: Consent;
  recorder(): Recorder;
  open(path: string): void;
  /** Reading and looking: runs the clock, counts as attention. */
  look(medianMs: number): void;
  scrollTo(depth: number): void;
  /** Answers the banner, if this person does and has not yet. */
  answer(): void;
  click(label: string, index?: number): number;
  leave(): Visit[];
}

export interface BrowsingOptions {
  random: Random;
  person: Person;
  channel: Channel;
  siteKey: string;
  at: number;
  path: string;
  day: number;
  /** Level that an earlier visit left, or null while the banner still asks. */
  remembered: Consent | null;
}

export const browse = (options: BrowsingOptions): Browsing => {
  const { channel, day, person, random, siteKey } = options;
  const session = random.uuid();
  const done: Visit[] = [];
  let asks = options.remembered === null;
  let level: Consent = options.remembered ?? 'none';
  let clicked = false;
  let view = { seq: 0, engagedMs: 0, visibleMs: 0, depth: 0, path: options.path };

  const start = (at: number, path: string): Recorder =>
    record({
      siteKey,
      person,
      channel,
      level,
      session,
      at,
      path,
      stream: random.uuid(),
      title: TITLES[path]!,
      ends: !random.chance(0.015),
    });
  let recorder = start(options.at, options.path);

  const arrive = (path: string, nav: 'load' | 'route'): void => {
    const from = nav === 'route' ? view.path : undefined;
    recorder.move(path);
    const seq = recorder.emit('page_view', {
      title: TITLES[path],
      nav,
      display: 'browser',
      ...(from ? { from } : {}),
    });
    view = { seq, engagedMs: 0, visibleMs: 0, depth: 0, path };
  };
  const leaveView = (): void => {
    if (view.visibleMs < 1000 && view.depth === 0) return;
    recorder.emit('page_leave', {
      view: Math.max(0, view.seq),
      engagedMs: Math.round(view.engagedMs),
      visibleMs: Math.round(view.visibleMs),
      depth: view.depth,
      depthPx: Math.round((view.depth / 100) * 2400),
      final: true,
    });
  };
  const look = (medianMs: number): void => {
    const ms = Math.min(600_000, random.around(medianMs, 0.8));
    recorder.wait(ms);
    view.visibleMs += ms;
    view.engagedMs += Math.min(ms, 60_000) * (0.6 + 0.4 * random.next());
  };
  const press = (label: string, index = 0): number => {
    clicked = true;
    return click(recorder, random, person.device, label, index);
  };

  arrive(options.path, 'load');
  loadVitals(recorder, random, person.device, day);

  return {
    get level() {
      return level;
    },
    recorder: () => recorder,
    look,
    click: press,
    open(path) {
      leaveView();
      recorder.wait(random.around(90, 0.4));
      arrive(path, 'route');
    },
    scrollTo(depth) {
      for (const step of [25, 50, 75, 90, 100]) {
        if (step <= view.depth || step > depth) continue;
        look(2500);
        view.depth = step;
        recorder.emit('scroll', { view: Math.max(0, view.seq), depth: step, px: step * 24, dh: 2400 });
      }
    },
    answer() {
      if (!asks || person.answer === null) return;
      asks = false;
      look(4000);
      press(`consent:${person.answer}`);
      if (person.answer === 'none') return;
      // Every change of level begins a new stream, so that none ties a consented part to an unconsented one.
      done.push(recorder.finish());
      level = person.answer;
      recorder.wait(40);
      recorder = start(recorder.at, view.path);
      view = { ...view, seq: 0 };
    },
    leave() {
      leaveView();
      leaveVitals(recorder, random, person.device, clicked);
      done.push(recorder.finish());
      return done.filter(({ batch }) => batch.events.length > 0);
    },
  };
};
