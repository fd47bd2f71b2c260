const PRICE_MAX = 1e12;

/**
 * Fields of an event of the configurator as the tables take them: names are there, money is whole and within reason.
 * @param needed names that must not be missing
 * @throws {TypeError} otherwise; the event counts as `invalid`
 */
export const shaped = (said: object, ...needed: string[]): Record<string, unknown> => {
  const fields: Record<string, unknown> = { ...said };
  for (const name of [...needed, 'priceCents', 'priceDeltaCents']) {
    const value = fields[name];
    if (/Cents$/.test(name)) {
      if (value === undefined && !needed.includes(name)) continue;
      const cents = (fields[name] = Math.round(value as number));
      if (!(Math.abs(cents) <= PRICE_MAX && (cents >= 0 || name === 'priceDeltaCents'))) throw TypeError();
    } else if (typeof value !== 'string' || !value) throw TypeError();
  }
  if (!/^[A-Z]{3}$/.test(fields['currency'] as string)) delete fields['currency'];
  return fields;
};
