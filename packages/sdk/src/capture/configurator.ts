import type { Choice, Configuration, Inquiry, Shown } from '../types.js';
import { navigationEntry } from '../lib/navigation-entry.js';
import type { CaptureContext } from './context.js';

const PRICE_MAX = 1e12;

/** @throws {TypeError} for what is no price; the event counts as `invalid` */
const cents = (value: number | undefined, lowest = 0): number | undefined => {
  if (value === undefined) return value;
  const whole = Math.round(value);
  if (!(whole >= lowest && whole <= PRICE_MAX)) throw TypeError();
  return whole;
};

/** @throws {TypeError} when a name that the tables need is missing */
const named = (...names: unknown[]): void => {
  if (!names.every((name) => typeof name === 'string' && name)) throw TypeError();
};

const money = <T extends { priceCents?: number; currency?: string }>(shown: T): T => ({
  ...shown,
  priceCents: cents(shown.priceCents),
  currency: /^[A-Z]{3}$/.test(shown.currency ?? '') ? shown.currency : undefined,
});

export interface Configurator {
  select(choice: Choice): object;
  price(shown: Shown): object;
  config(now: Configuration): object;
  inquiry(sent: Inquiry): object;
  /** After a price was written: when the visitor sees it, the choice has taken so long. */
  painted(): void;
  ready(name?: string): void;
}

/** What a configurator says: fields of its events, and how long a choice takes until its price is on the screen. */
export const configurator = (context: CaptureContext): Configurator => {
  const { clock } = context;
  let chosenAt: number | null = null;
  const vital = (name: string, value: number, attribution?: object): void =>
    void context.emit('vital', { name, value: Math.round(value * 10) / 10, attribution });

  return {
    select(choice) {
      named(choice.group, choice.option);
      chosenAt = window.event?.timeStamp ?? clock.tick();
      return { ...choice, priceDeltaCents: cents(choice.priceDeltaCents, -PRICE_MAX) };
    },
    price: (shown) => {
      if (shown.priceCents === undefined) throw TypeError();
      return money(shown);
    },
    config: (now) => {
      named(now.model);
      if (now.priceCents === undefined) throw TypeError();
      return money(now);
    },
    inquiry: money,
    painted() {
      const since = chosenAt;
      chosenAt = null;
      // a hidden tab paints nothing, so there is no delay to feel
      if (since === null || document.visibilityState === 'hidden') return;
      requestAnimationFrame(
        context.guard(
          () =>
            void clock.after(
              0,
              context.guard(() => vital('option_to_price', clock.tick() - since)),
            ),
        ),
      );
    },
    ready(name) {
      const { startedMs } = context.view();
      const began = startedMs || (navigationEntry()?.activationStart ?? 0);
      vital('ready', clock.tick() - began, name === undefined ? undefined : { name });
    },
  };
};
