/** `npm run generate`: writes what is derived. A test compares it with what is checked in. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { generated } from './files.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

for (const { path, text } of await generated()) writeFileSync(root + path, text);
