import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startIngest } from './support.js';

/** A file of 64 kB in the place of the SDK. */
const sdkDir = mkdtempSync(join(tmpdir(), 'lintel-sdk-'));
const body = randomBytes(48 * 1024).toString('base64');
const integrity = `sha256-${createHash('sha256').update(body).digest('base64')}`;
writeFileSync(join(sdkDir, 'lintel.js'), body);
writeFileSync(
  join(sdkDir, 'manifest.json'),
  JSON.stringify({ version: '0', files: { 'lintel.js': { integrity } } }),
);

/** A public server in a process of its own; prints its port. */
const ingest = await startIngest({ time: Date.now(), sdkDir });
process.stdout.write(`${ingest.port}\n`);
