import type { Collector } from './collector.js';
import { freePorts } from './ports.js';
import { repositoryFile, startProgram, type Program } from './program.js';
import { send } from './send.js';
import { SITE } from './site.js';
import { until } from './until.js';

export interface IngestProcess {
  url: string;
  program: Program;
}

export interface IngestOptions {
  env?: Record<string, string>;
  /** Put in front of the command, such as `prlimit` with its arguments. */
  wrap?: readonly string[];
  /** Arguments of Node itself. */
  node?: readonly string[];
}

/**
 * The role `ingest` in a process of its own, on the buffer of a running collector: it can be harmed while its database
 * and its books go on.
 */
export const startIngest = async (
  collector: Pick<Collector, 'env'>,
  { env = {}, wrap = [], node = [] }: IngestOptions = {},
): Promise<IngestProcess> => {
  const [port] = (await freePorts(1)) as [number];
  const [command = '', ...args] = [
    ...wrap,
    process.execPath,
    ...node,
    repositoryFile('packages/collector/bin/lintel.js'),
    'start',
    '--role',
    'ingest',
  ];
  const program = startProgram(command, args, {
    env: { ...collector.env, LINTEL_PUBLIC_PORT: String(port), ...env },
  });
  const url = `http://127.0.0.1:${port}`;
  await until('the ingest process listens', async () => {
    if (!program.running()) throw new Error(`it ended: ${program.stderr()}${program.stdout()}`);
    const path = `/v1/settings?key=${SITE.key}`;
    return send(url, { method: 'GET', path }).then(
      ({ status }) => status === 200,
      () => false,
    );
  });
  return { url, program };
};
