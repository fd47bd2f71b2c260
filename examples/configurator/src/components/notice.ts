import { h } from '../dom.js';

export interface Notice {
  element: HTMLElement;
  show(message: string, action?: { label: string; run: () => void }): void;
}

/** One line at the edge of the screen, read out politely; it goes after a while unless it asks for something. */
export const createNotice = (host: Window): Notice => {
  const element = h('div', { class: 'notice', role: 'status' });
  let timer = 0;
  return {
    element,
    show(message, action) {
      host.clearTimeout(timer);
      element.replaceChildren(h('span', {}, message));
      if (action) {
        const button = h(
          'button',
          { type: 'button', class: 'quiet', 'data-lintel': 'notice:action', click: action.run },
          action.label,
        );
        element.append(button);
      } else timer = host.setTimeout(() => element.replaceChildren(), 5000);
    },
  };
};
