import { sentenceOf, type Tell } from './sentence';

const tell: Tell = (_key, text, values = {}) =>
  text.replace(/\{\{(\w+)\}\}/g, (_match, name: string) => String(values[name]));

const NOW = { visitors: 12, configuring: 3, newestS: 2 };
const DAY = { inquiries: 4, stored: 1000, generated: 1000 };

describe('the first sentence of Home', () => {
  it('says what happens', () => {
    expect(sentenceOf(NOW, DAY, tell)).toEqual({
      warns: false,
      text: 'Visitors now: 12, of them choosing options: 3. Inquiries today: 4.',
    });
  });

  it('warns below a capture rate of 99 %, not at it', () => {
    expect(sentenceOf(NOW, { ...DAY, stored: 990 }, tell).warns).toBe(false);
    expect(sentenceOf(NOW, { ...DAY, stored: 989 }, tell)).toEqual({
      warns: true,
      text: 'Data is missing: 989 of 1000 events of today are stored.',
    });
  });

  it('tells a quiet site from one that is not heard any more', () => {
    const nobody = { visitors: 0, configuring: 0, newestS: 4000 };
    expect(sentenceOf(nobody, DAY, tell)).toEqual({
      warns: false,
      text: 'Nobody is here now. Inquiries today: 4.',
    });
    const empty = { inquiries: 0, stored: 0, generated: 0 };
    expect(sentenceOf({ ...nobody, newestS: null }, empty, tell).warns).toBe(true);
  });
});
