import { parseArgs } from 'node:util';

import { EmbeddedError } from './errors.js';
import { start } from './start.js';

const USAGE = `Usage: clickhouse-embedded --path DIR [--http-port 4123] [--tcp-port 4190] [--database lintel]
                           [--user-prefix lintel] [--reader-view NAME]...

A ClickHouse server on 127.0.0.1, kept running until Ctrl-C. Port 0 = any free port.`;

const parse = (args: string[]) => {
  try {
    return parseArgs({
      args,
      options: {
        path: { type: 'string' },
        'http-port': { type: 'string', default: '4123' },
        'tcp-port': { type: 'string', default: '4190' },
        database: { type: 'string' },
        'user-prefix': { type: 'string' },
        'reader-view': { type: 'string', multiple: true },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new EmbeddedError('BAD_OPTIONS', (error as Error).message, { cause: error });
  }
};

/** `Number('')` is 0, and 0 means any free port. */
const port = (text: string): number => (/^\d+$/.test(text) ? Number(text) : NaN);

const untilSignal = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });

const run = async (args: string[]): Promise<void> => {
  const values = parse(args);
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  if (values.path === undefined) throw new EmbeddedError('BAD_OPTIONS', '--path DIR is needed; see --help');
  const asked = untilSignal();
  const server = await start({
    dir: values.path,
    httpPort: port(values['http-port']),
    tcpPort: port(values['tcp-port']),
    ...(values.database === undefined ? {} : { database: values.database }),
    ...(values['user-prefix'] === undefined ? {} : { userPrefix: values['user-prefix'] }),
    ...(values['reader-view'] === undefined ? {} : { readerViews: values['reader-view'] }),
    onEvent: (event) => {
      if (event.kind !== 'ready' && event.kind !== 'stopped')
        process.stderr.write(`${JSON.stringify(event)}\n`);
    },
  });
  process.stdout.write(
    `ClickHouse      ${server.url}\nnative protocol 127.0.0.1:${server.tcpPort}\n` +
      `credentials     ${server.dir}/credentials.json\n`,
  );
  await asked;
  await server.stop();
};

/** @returns the exit code: 0 after an orderly end, 78 when something has to be changed first, 1 otherwise */
export const main = async (args: string[]): Promise<number> => {
  try {
    await run(args);
    return 0;
  } catch (error) {
    if (!(error instanceof EmbeddedError)) throw error;
    // One line for a person to act on; the engine's own words only when it was the engine that failed.
    process.stderr.write(`clickhouse-embedded: ${error.code}: ${error.message}\n`);
    if (error.code === 'START_FAILED' && error.detail) process.stderr.write(`${error.detail}\n`);
    return error.exitCode;
  }
};
