/** Formats minor units, without decimals: `€ 249.000` in Austrian German. */
export const formatCents = (cents: number, language: string, currency: string): string =>
  new Intl.NumberFormat(language === 'de' ? 'de-AT' : 'en-AT', {
    style: 'currency',
    currency,
    maximumFractionDigits: 0,
  }).format(cents / 100);
