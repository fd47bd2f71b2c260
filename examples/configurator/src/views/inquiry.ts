import type { Context } from '../context.js';
import { modelOf } from '../configuration.js';
import { h } from '../dom.js';
import { sendInquiry, type Contact } from '../inquiry.js';
import type { View } from '../router.js';
import { adoptAddress, priceTable } from './summary.js';

interface FieldRules {
  name: keyof Contact;
  label: string;
  type: string;
  autocomplete: string;
  required?: boolean;
  maxlength: number;
  pattern?: string;
}

/** A labelled field with its own line for what is wrong. */
const field = (context: Context, rules: FieldRules) => {
  const text = context.text().inquiry;
  const { label, required, ...attributes } = rules;
  const errorId = `${rules.name}-error`;
  const shared = {
    ...attributes,
    id: rules.name,
    required,
    'aria-describedby': errorId,
    'data-lintel': `inquiry:${rules.name}`,
  };
  const input =
    rules.type === 'textarea' ? h('textarea', { ...shared, type: null, rows: 4 }) : h('input', shared);
  const error = h('span', { class: 'field-error', id: errorId });
  const check = (): boolean => {
    const valid = input.validity.valid;
    error.textContent = valid ? '' : input.validity.valueMissing ? text.required : text.emailInvalid;
    input.setAttribute('aria-invalid', String(!valid));
    return valid;
  };
  input.addEventListener('blur', () => {
    if (input.value) check();
  });
  input.addEventListener('input', () => {
    if (error.textContent && input.validity.valid) check();
  });
  const optional = required ? null : h('span', { class: 'muted' }, ` (${text.optional})`);
  return {
    element: h(
      'div',
      { class: `field field-${rules.name}` },
      h('label', { for: rules.name }, label, optional),
      input,
      error,
    ),
    input,
    check,
  };
};

/** `/anfrage`: contact details for the configured house. */
export const inquiry = (context: Context): View => {
  adoptAddress(context);
  const { analytics, catalogue, collector, store } = context;
  const text = context.text();
  const shownAt = performance.now();
  const fields = (
    [
      {
        name: 'name',
        label: text.inquiry.name,
        type: 'text',
        autocomplete: 'name',
        required: true,
        maxlength: 120,
      },
      {
        name: 'email',
        label: text.inquiry.email,
        type: 'email',
        autocomplete: 'email',
        required: true,
        maxlength: 254,
      },
      { name: 'phone', label: text.inquiry.phone, type: 'tel', autocomplete: 'tel', maxlength: 40 },
      {
        name: 'postcode',
        label: text.inquiry.postcode,
        type: 'text',
        autocomplete: 'postal-code',
        maxlength: 12,
      },
      {
        name: 'message',
        label: text.inquiry.message,
        type: 'textarea',
        autocomplete: 'off',
        maxlength: 1000,
      },
    ] satisfies FieldRules[]
  ).map((rules) => field(context, rules));
  const website = h('input', {
    name: 'website',
    tabindex: '-1',
    autocomplete: 'off',
    'aria-hidden': 'true',
    class: 'not-for-people',
  });
  const problem = h('p', { class: 'form-error', role: 'alert' });
  const button = h('button', { class: 'button', 'data-lintel': 'inquiry:send' }, text.inquiry.send);

  const send = async (): Promise<void> => {
    const wrong = fields.filter(({ check }) => !check());
    if (wrong.length > 0) {
      wrong[0]!.input.focus();
      return;
    }
    button.setAttribute('aria-disabled', 'true');
    button.textContent = text.inquiry.sending;
    problem.textContent = '';
    const contact = Object.fromEntries(
      fields.map(({ input }) => [input.name, input.value.trim()]),
    ) as unknown as Contact;
    const { model } = store.configuration();
    const priceCents = store.totalCents();
    const sent = await sendInquiry(`${collector.origin}/v1/inquiries`, collector.key, {
      contact,
      configuration: store.configuration(),
      priceCents,
      currency: catalogue.currency,
      website: website.value,
      elapsedMs: Math.round(performance.now() - shownAt),
    });
    button.removeAttribute('aria-disabled');
    button.textContent = text.inquiry.send;
    if (sent.kind === 'refused' || sent.kind === 'busy') {
      problem.textContent = text.inquiry[sent.kind];
      return;
    }
    analytics.inquiry({ ...(sent.kind === 'accepted' ? { id: sent.id } : {}), model, priceCents });
    context.go(
      context.address('/danke'),
      sent.kind === 'accepted' ? { kind: 'accepted', id: sent.id } : { kind: 'mail', contact },
    );
  };

  return {
    title: `${text.inquiry.title} · ${text.brand}`,
    element: h(
      'div',
      { class: 'inquiry' },
      h(
        'form',
        {
          name: 'inquiry',
          class: 'inquiry-form',
          novalidate: true,
          'aria-labelledby': 'inquiry-title',
          submit: (event: Event) => {
            event.preventDefault();
            if (button.getAttribute('aria-disabled') !== 'true') void send();
          },
        },
        h('p', { class: 'eyebrow' }, modelOf(catalogue, store.configuration().model).title),
        h('h1', { id: 'inquiry-title' }, text.inquiry.title),
        h('p', { class: 'lead' }, text.inquiry.lead),
        h('div', { class: 'fields' }, ...fields.map(({ element }) => element), website),
        h('p', { class: 'muted' }, text.inquiry.privacy),
        problem,
        h(
          'div',
          { class: 'actions' },
          button,
          h(
            'a',
            { href: context.address('/zusammenfassung'), 'data-lintel': 'inquiry:back' },
            text.inquiry.back,
          ),
        ),
      ),
      h('aside', { class: 'inquiry-house' }, priceTable(context)),
    ),
  };
};
