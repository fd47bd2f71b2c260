import type { Capture } from './context.js';
import { nearest } from './selector.js';

const FIELDS = 20;
const HIDDEN = '[type=password],[type=hidden],[data-lintel-mask] *,[data-lintel-mask],[autocomplete^=cc-]';

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;
type Counts = [name: string, ms: number, focuses: number, invalid: number];
interface Filling {
  form: string;
  startedMs: number;
  last?: string;
  fields: Map<string, Counts>;
}

/** The life of a form: which fields took time, which were wrong, where it was given up. Values are never read. */
export const forms: Capture = (context) => {
  const { clock } = context;
  const filling = new Map<HTMLFormElement, Filling>();
  let focused: Counts | undefined;
  let focusedMs = 0;

  const since = (ms: number): number => Math.round(clock.tick() - ms);
  const begin = (form: HTMLFormElement): Filling => {
    let one = filling.get(form);
    if (!one) {
      // not the properties, which fields of these names hide
      const [name] = ['data-lintel', 'name', 'id'].map((given) => form.getAttribute(given)).filter(Boolean);
      const known = (name ?? context.selector(form)).slice(0, 256);
      filling.set(form, (one = { form: known, startedMs: clock.tick(), fields: new Map() }));
      context.emit('form', { form: known, step: 'start' });
    }
    return one;
  };
  /** Does something with the field of an event, if it is one that may be named. */
  const visit = ({ target }: Event, work: (counts: Counts, one: Filling) => void): void => {
    const field = target as Field;
    const { form } = field;
    if (!form || nearest(field, HIDDEN)) return;
    const one = begin(form);
    const name = (field.name || field.id || field.localName).slice(0, 128);
    const counts = one.fields.get(name) ?? [name, 0, 0, 0];
    if (one.fields.size < FIELDS) one.fields.set(name, counts);
    work(counts, one);
  };
  const blur = (): void => {
    if (focused) focused[1] += since(focusedMs);
    focused = undefined;
  };
  const finish = (step: string, element: HTMLFormElement): void => {
    const { form, startedMs, last, fields } = begin(element);
    blur();
    filling.delete(element);
    context.emit('form', { form, step, ms: since(startedMs), last, fields: [...fields.values()] });
  };

  context.on(document, 'focusin', (event: Event) => {
    blur();
    visit(event, (counts, one) => {
      counts[2]++;
      one.last = counts[0];
      focused = counts;
      focusedMs = clock.tick();
    });
  });
  context.on(document, 'focusout', blur);
  context.on(document, 'invalid', (event: Event) => visit(event, (counts) => counts[3]++), { capture: true });
  context.on(document, 'submit', ({ target }: Event) => finish('submit', target as HTMLFormElement), {
    capture: true,
  });
  context.leaving((final) => {
    if (final) for (const form of filling.keys()) finish('abandon', form);
  });
  return () => {};
};
