const FRAMES = 20;
const LENGTH = 160;

/** Chrome: `at name (address)`, Firefox and Safari: `name@address`. */
const CHROME = /^\s*at (?:async )?(?:(.+?) \()?(.+?):(\d+):(\d+)\)?$/;
const OTHERS = /^(.*?)@(.+?):(\d+):(\d+)$/;

/** At most 20 frames `name (path:line:column)`, innermost first; addresses without origin of this page and query. */
export const framesOf = (stack: string | undefined, clean: (text: string) => string): string[] =>
  (stack ?? '')
    .split('\n')
    .map((line) => CHROME.exec(line) ?? OTHERS.exec(line))
    .filter((found) => found !== null)
    .slice(0, FRAMES)
    .map(([, name, address, line, column]) => {
      const file = clean(address!.replace(location.origin, '').replace(/[?#].*$/, ''));
      const place = `${file}:${line}:${column}`;
      return (name ? `${name} (${place})` : place).slice(0, LENGTH);
    });
