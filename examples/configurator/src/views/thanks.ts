import { modelOf } from '../configuration.js';
import type { Context } from '../context.js';
import { h } from '../dom.js';
import type { Contact } from '../inquiry.js';
import type { View } from '../router.js';

const mailAddress = (context: Context, contact: Contact): string => {
  const { catalogue, host, store } = context;
  const text = context.text();
  const subject = `${text.thanks.mailSubject}: ${modelOf(catalogue, store.configuration().model).title}`;
  const link = new URL(context.address('/konfigurator'), host.location.href).href;
  const body = [...Object.values(contact).filter(Boolean), context.money(store.totalCents()), link].join(
    '\n\n',
  );
  return `mailto:hallo@waldnest.example?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(body)}`;
};

/** `/danke`: what happens next; when no server took the inquiry, the way to send it as an e-mail. */
export const thanks = (context: Context): View => {
  const text = context.text();
  const arrival = context.arrival();
  const byMail = arrival?.kind === 'mail';
  return {
    title: `${byMail ? text.thanks.mailTitle : text.thanks.title} · ${text.brand}`,
    element: h(
      'div',
      { class: 'thanks' },
      h('h1', {}, byMail ? text.thanks.mailTitle : text.thanks.title),
      h('p', { class: 'lead' }, byMail ? text.thanks.mailLead : text.thanks.lead),
      arrival?.kind === 'accepted' &&
        h('p', { class: 'reference' }, `${text.thanks.reference}: `, h('code', {}, arrival.id)),
      arrival?.kind === 'mail' &&
        h(
          'p',
          {},
          h(
            'a',
            { class: 'button', href: mailAddress(context, arrival.contact), 'data-lintel': 'thanks:mail' },
            text.thanks.mail,
          ),
        ),
      h(
        'ol',
        { class: 'next-steps' },
        ...text.thanks.steps.map(([step, meaning]) => h('li', {}, h('h2', {}, step!), h('p', {}, meaning!))),
      ),
      h('a', { href: context.address('/', ''), 'data-lintel': 'thanks:again' }, text.thanks.again),
    ),
  };
};
