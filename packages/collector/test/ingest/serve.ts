import { startIngest } from './support.js';

/** A public server in a process of its own; prints its port. */
const ingest = await startIngest({ time: Date.now() });
process.stdout.write(`${ingest.port}\n`);
