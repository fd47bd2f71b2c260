import { parseArgs } from 'node:util';
import { BadSettings } from '../errors.js';
import { fail } from '../process.js';
import { ROLES, start, type Role } from './start.js';

const HELP = `lintel <verb>

  start [--demo] [--seed]           collector and embedded database; the demo configurator; 90 days of traffic
        [--role ingest|flush|admin] the public port; engine, flush and backups; questions and jobs
  seed [--events N] [--days D]      generated traffic (90 days unless said) through the public ingest
        [--seed S] [--to DATE]     the same days and seed give the same events
  migrate                           bring the database to this version's schema
  token create --role ROLE          owner admin editor analyst support viewer auditor
        [--site ID…] [--kind grafana] [--days N]
  ledger [--watch]                  accepted = stored + buffered + dead-lettered, per site
  dead-letters list|replay          rows that the database refused
  backup [--to DIR]                 the database, while the collector runs (DATA_DIR/backups)
         [--keys-to DIR]            the keys of contact data apart (DIR-keys)
  restore --from DIR                puts a backup in the place of the live tables, and brings back
          [--keys-from DIR]         what was stored since; refused as a whole when anything is wrong

ledger, dead-letters, backup and restore ask the running collector: LINTEL_ADMIN_PORT and a token in LINTEL_TOKEN.`;

const readRole = (text: string | undefined): Role | null => {
  if (text === undefined) return null;
  const role = ROLES.find((one) => one === text);
  if (!role) throw new BadSettings(`--role must be one of ${ROLES.join(', ')}, not "${text}"`);
  return role;
};

// a verb loads what it needs: help is there at once, and an ingest process stays 30 MB smaller
const run = async (): Promise<void> => {
  const [verb = 'help', ...rest] = process.argv.slice(2);
  switch (verb) {
    case 'start': {
      const { values } = parseArgs({
        args: rest,
        options: { demo: { type: 'boolean' }, seed: { type: 'boolean' }, role: { type: 'string' } },
      });
      // \`npm start --seed\` without the second pair of dashes keeps the flag for npm itself
      await start({
        demo: values.demo ?? false,
        role: readRole(values.role),
        seed: values.seed ?? process.env['npm_config_seed'] === 'true',
      });
      return;
    }
    case 'seed':
      await (await import('./seed.js')).seedCommand(rest);
      return;
    case 'migrate':
      await (await import('./migrate.js')).migrateOnly();
      return;
    case 'token':
      (await import('./token.js')).tokenCreate(rest);
      return;
    case 'ledger':
      await (await import('./ledger.js')).ledger(rest);
      return;
    case 'dead-letters':
      await (await import('./dead-letters.js')).deadLetters(rest);
      return;
    case 'backup':
      await (await import('./backup.js')).backupCommand(rest);
      return;
    case 'restore':
      await (await import('./backup.js')).restoreCommand(rest);
      return;
    case 'help':
    case '--help':
    case '-h':
      process.stdout.write(`${HELP}\n`);
      return;
    default:
      throw new BadSettings(`unknown verb ${verb}; try: lintel help`);
  }
};

run().catch((error: unknown) => {
  const code = (error as { code?: string }).code ?? '';
  fail(code.startsWith('ERR_PARSE_ARGS') ? new BadSettings((error as Error).message) : error);
});
