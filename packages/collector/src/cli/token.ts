import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isRole, openTokens, ROLES } from '../admin/index.js';
import { systemClock } from '../clock.js';
import { readSettings } from '../config.js';
import { BadSettings } from '../errors.js';

const integer = (name: string, text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new BadSettings(`--${name} must be a positive integer`);
  return value;
};

/** `lintel token create --role ROLE`: prints the secret once; a running collector knows it within a second. */
export const tokenCreate = (args: readonly string[]): void => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      role: { type: 'string' },
      site: { type: 'string', multiple: true },
      kind: { type: 'string', default: 'admin' },
      days: { type: 'string' },
    },
  });
  if (positionals[0] !== 'create') throw new BadSettings('token create --role ROLE');
  if (values.role === undefined || !isRole(values.role))
    throw new BadSettings(`--role must be one of ${ROLES.join(', ')}`);
  if (values.kind !== 'admin' && values.kind !== 'grafana')
    throw new BadSettings('--kind must be admin or grafana');
  const { dataDir } = readSettings(process.env);
  const { secret } = openTokens(join(dataDir, 'tokens.json'), systemClock).create({
    role: values.role,
    kind: values.kind,
    sites: values.site ? values.site.map((site) => integer('site', site)) : '*',
    ...(values.days === undefined ? {} : { days: integer('days', values.days) }),
  });
  process.stdout.write(`${secret}\n`);
};
