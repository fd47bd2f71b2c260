/** A process that owns a directory until it is killed: `owner.ts DIR`. Says where its engine is on one line. */
import { start } from '../../src/index.js';

const server = await start({ dir: process.argv[2]!, httpPort: 0, tcpPort: 0 });
const { url, credentials } = server;
process.stdout.write(`${JSON.stringify({ url, credentials, enginePid: server.pid() })}\n`);
setInterval(() => undefined, 60_000);
