// Renders public/icon.svg to the PNG sizes the manifest and iOS ask for. Run by hand after the drawing changes:
//   node scripts/icons.mjs
import { readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const folder = new URL('../public/', import.meta.url);
const svg = await readFile(new URL('icon.svg', folder), 'utf8');
// A maskable icon is cut to a circle by some launchers: the drawing shrinks, its colour fills the square.
const maskable = svg
  .replace('rx="14"', '')
  .replace(/(<path [^>]*)\/>/g, '$1 transform="translate(10 9) scale(0.69)" />');
const icons = [
  { name: 'icon-180.png', size: 180, source: svg.replace('rx="14"', '') },
  { name: 'icon-192.png', size: 192, source: svg },
  { name: 'icon-512.png', size: 512, source: svg },
  { name: 'icon-maskable-512.png', size: 512, source: maskable },
];

const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu'],
});
try {
  for (const { name, size, source } of icons) {
    const page = await browser.newPage({ viewport: { width: size, height: size } });
    await page.setContent(
      `<style>body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${source}`,
    );
    await page.screenshot({ path: new URL(name, folder).pathname, omitBackground: true });
    await page.close();
  }
} finally {
  await browser.close();
}
