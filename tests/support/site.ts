/** The site of these tests, as `LINTEL_SITES` describes it. */
export const SITE = {
  id: 7,
  name: 'Waldnest',
  key: 'pk_system',
  origins: ['*'],
  timeZone: 'Europe/Vienna',
  currency: 'EUR',
  consent: 'none',
  serverKeys: ['sk_shop_a-secret-of-the-shop-that-nobody-else-knows'],
} as const;

export const SERVER_KEY = { id: 'shop', secret: 'a-secret-of-the-shop-that-nobody-else-knows' };

/** First owner's token; 32 bytes at least. */
export const OWNER_TOKEN = 'owner-token-of-the-system-tests-0123456789';
