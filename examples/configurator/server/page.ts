export interface PageSettings {
  /** Origin of the collector. */
  collector: string;
  siteKey: string;
  /** `sha384-…` of the SDK file, or null to load it unchecked. */
  sdkIntegrity: string | null;
}

const escape = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** Fills the places of `index.html` that the server knows and the build does not. */
export const renderPage = (
  template: string,
  { collector, siteKey, sdkIntegrity }: PageSettings,
  nonce: string,
): string =>
  template
    .replace(' integrity="{{integrity}}"', () => (sdkIntegrity ? ` integrity="${escape(sdkIntegrity)}"` : ''))
    .replaceAll('{{collector}}', () => escape(collector))
    .replaceAll('{{key}}', () => escape(siteKey))
    .replaceAll('{{nonce}}', nonce);
