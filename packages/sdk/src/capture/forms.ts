import type { Capture } from './context.js';
import { nearest } from './selector.js';

const FIELDS = 20;
const HIDDEN = '[type=password],[type=hidden],[data-lintel-mask] *,[data-lintel-mask],[autocomplete^=cc-]';

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;
interface Filling {
  name: string;
  startedMs: number;
  last: string;
  /** name → ms, focuses, invalid. */
  fields: Map<string, [ms: number, focuses: number, invalid: number]>;
}

/** The life of a form: which fields took time, which were wrong, where it was given up. Values are never read. */
export const forms: Capture = (context) => {
  const { clock } = context;
  let filling = new Map<HTMLFormElement, Filling>();
  let focused: { filling: Filling; name: string; sinceMs: number } | null = null;

  const nameOf = (form: HTMLFormElement): string =>
    (
      form.getAttribute('data-lintel') ||
      form.getAttribute('name') ||
      form.id ||
      context.selector(form)
    ).slice(0, 256);
  const fieldOf = (target: EventTarget | null): { form: HTMLFormElement; name: string } | null => {
    const field = target as Field;
    if (!field?.form || !field.matches || nearest(field, HIDDEN)) return null;
    return { form: field.form, name: (field.name || field.id || field.localName).slice(0, 128) };
  };
  const begin = (form: HTMLFormElement): Filling => {
    let known = filling.get(form);
    if (!known) {
      known = { name: nameOf(form), startedMs: clock.tick(), last: '', fields: new Map() };
      filling.set(form, known);
      context.emit('form', { form: known.name, step: 'start' });
    }
    return known;
  };
  const entry = ({ fields }: Filling, name: string): [number, number, number] => {
    const known = fields.get(name) ?? [0, 0, 0];
    if (fields.size < FIELDS) fields.set(name, known);
    return known;
  };
  const blur = (): void => {
    if (focused) entry(focused.filling, focused.name)[0] += Math.round(clock.tick() - focused.sinceMs);
    focused = null;
  };
  const finish = (step: string, one: Filling): void =>
    void context.emit('form', {
      form: one.name,
      step,
      ms: Math.round(clock.tick() - one.startedMs),
      last: one.last || undefined,
      fields: [...one.fields].map(([name, counts]) => [name, ...counts]),
    });

  context.on(document, 'focusin', ({ target }: FocusEvent) => {
    blur();
    const field = fieldOf(target);
    if (!field) return;
    const one = begin(field.form);
    entry(one, field.name)[1]++;
    one.last = field.name;
    focused = { filling: one, name: field.name, sinceMs: clock.tick() };
  });
  context.on(document, 'focusout', blur);
  context.on(
    document,
    'invalid',
    ({ target }: Event) => {
      const field = fieldOf(target);
      if (field) entry(begin(field.form), field.name)[2]++;
    },
    { capture: true },
  );
  context.on(
    document,
    'submit',
    ({ target }: Event) => {
      const form = target as HTMLFormElement;
      blur();
      finish('submit', begin(form));
      filling.delete(form);
    },
    { capture: true },
  );
  context.leaving((final) => {
    if (!final) return;
    blur();
    for (const one of filling.values()) finish('abandon', one);
    filling = new Map();
  });
  return () => {};
};
