import { sourceFiles } from './sources.js';

export interface Texts {
  [key: string]: string | Texts;
}

/** `t('key', 'English text')`, the only form the code uses. */
const CALL = /\bt\(\s*'([^']+)',\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g;

/**
 * Every key in the code with its English text.
 * @throws {Error} when a key has two texts
 */
export const keysInCode = (): Map<string, string> => {
  const keys = new Map<string, string>();
  for (const { text: code } of sourceFiles()) {
    for (const [, key, single, double] of code.matchAll(CALL)) {
      const text = (single ?? double!).replace(/\\(['"\\])/g, '$1');
      const known = keys.get(key!);
      if (known !== undefined && known !== text)
        throw new Error(`${key} has two texts: "${known}" and "${text}"`);
      keys.set(key!, text);
    }
  }
  return keys;
};

const nested = (keys: ReadonlyMap<string, string>): Texts => {
  const root: Texts = {};
  for (const [key, text] of [...keys].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const path = key.split('.');
    const last = path.pop()!;
    let place = root;
    for (const part of path) place = (place[part] ??= {}) as Texts;
    place[last] = text;
  }
  return root;
};

/** `locales/en-US`: what translators start from. */
export const englishFile = (): string => JSON.stringify(nested(keysInCode()));

/** Keys of a language file, as the code spells them. */
export const keysOf = (texts: Texts, path = ''): string[] =>
  Object.entries(texts).flatMap(([key, value]) =>
    typeof value === 'string' ? [path + key] : keysOf(value, `${path}${key}.`),
  );
