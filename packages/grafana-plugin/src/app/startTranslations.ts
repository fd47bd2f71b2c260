import { initPluginTranslations, type ResourceLoader, type Resources } from '@grafana/i18n';
import { PLUGIN_ID } from '../constants';

/** English stands in the code, so only the other languages are files. */
const LANGUAGES: Readonly<Record<string, () => Promise<{ default: Resources }>>> = {
  'de-DE': () => import('../locales/de-DE/lintel-app.json'),
};

const ownTexts: ResourceLoader = async (language) => (await LANGUAGES[language]?.())?.default ?? {};

/**
 * Loads the texts of the user's language; hosts before 12.1 do not do it for plugins. A language file can be missing
 * (an upgrade under an open page): then the English texts are shown.
 */
export const startTranslations = async (more: readonly ResourceLoader[] = []): Promise<void> => {
  try {
    await initPluginTranslations(PLUGIN_ID, [...more, ownTexts]);
  } catch {
    // every text has its English default in the code
  }
};
