import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Type, type Static } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { BadSettings } from './errors.js';
import { LOG_LEVELS, type LogLevel } from './log.js';
import type { Site } from './sites.js';
import { timeZoneOf } from './time-zones.js';

/** Where a listener binds. */
export interface Address {
  host: string;
  port: number;
}

/** Password of each database user; null = the embedded engine's own credentials. */
export interface ClickHousePasswords {
  writer: string;
  reader: string;
  migrator: string;
  steward: string;
}

/** Everything the environment decides, typed and checked. */
export interface Settings {
  public: Address;
  admin: Address;
  demoPort: number;
  dataDir: string;
  /** null = disk buffer. */
  redisUrl: string | null;
  /** Most bytes that may wait on this host's disk. */
  bufferDiskBytes: number;
  clickhouse: {
    /** null = embedded engine. */
    url: string | null;
    /** Prefix of the user names: `<prefix>_writer`, … */
    user: string;
    passwords: ClickHousePasswords | null;
    database: string;
    /** Name of the cluster whose nodes hold replicated tables; null = one node. */
    cluster: string | null;
    httpPort: number;
    tcpPort: number;
  };
  /** null = the demo site. */
  sites: Site[] | null;
  adminToken: string | null;
  /** First key wraps, all unwrap; empty = generated under `dataDir` (development). */
  masterKeys: Buffer[];
  /** Number of proxies in front, or their CIDRs. */
  trustProxy: number | string[];
  /** Path of an `.mmdb` file; null = none. */
  countryDatabase: string | null;
  /** Whether an event a minute of the reserved site takes the whole path. */
  canary: boolean;
  flushIntervalMs: number;
  /** 0 = everything in one process. */
  ingestProcesses: number;
  logLevel: LogLevel;
  /** Settings that are part of the contract, are set, and do nothing yet: the start says so. */
  unused: string[];
}

const PREFIX = 'LINTEL_';
const SECRETS = [
  'TOKEN',
  'ADMIN_TOKEN',
  'MASTER_KEY',
  'CLICKHOUSE_PASSWORD',
  'REDIS_URL',
  'SITES',
  'SENTRY_DSN',
  'SMTP_URL',
];

const NOT_USED = 'not used yet';

/** Name → what it means and its default: the parser, the documentation and the refusal of unknown names read it. */
export const VARIABLES: Readonly<Record<string, string>> = {
  PUBLIC_PORT: 'public listener, `port` or `host:port` (127.0.0.1:4100)',
  ADMIN_PORT: 'admin listener, `port` or `host:port`; never expose it (127.0.0.1:4101)',
  DEMO_PORT: 'demo configurator of `npm start` (4180)',
  DATA_DIR: 'everything that is kept on this host (.lintel)',
  REDIS_URL: 'buffer in Redis; unset: on disk',
  BUFFER_DISK_MB:
    'most megabytes that wait on disk, 1 to 1048576; above it events are put off with 503 (2048)',
  CLICKHOUSE_URL: 'HTTP address of a ClickHouse server; unset: embedded engine',
  CLICKHOUSE_USER: 'prefix of the four database users (lintel)',
  CLICKHOUSE_PASSWORD: 'one password, or JSON {"writer","reader","migrator","steward"}',
  CLICKHOUSE_DATABASE: 'database (lintel)',
  CLICKHOUSE_CLUSTER: 'cluster of the server: replicated tables and Distributed twins; unset: one node',
  CLICKHOUSE_HTTP_PORT: 'embedded engine, HTTP (4123)',
  CLICKHOUSE_TCP_PORT: 'embedded engine, native (4190)',
  SITES: 'JSON array of sites, or the path of a file that holds it; unset: the demo site',
  ADMIN_TOKEN: 'first owner token, at least 32 bytes; unset: generated and printed once',
  MASTER_KEY:
    '32 bytes base64, several separated by commas: encrypts contact data; unset: generated under DATA_DIR',
  TRUST_PROXY: 'number of proxies in front, or their CIDRs separated by commas (0)',
  COUNTRY_DATABASE:
    "`.mmdb` file with the country of an address, and its region if it has one; looked at once a minute. Unset, or where it knows nothing: the proxy's country header, then the page's time zone",
  CANARY:
    'on: an event a minute of the reserved site 65535 takes the whole path, and metrics tell how late it was seen (off)',
  INGEST_PROCESSES: 'processes behind the public port; 0: everything in one process (0)',
  FLUSH_INTERVAL_MS: 'shortest time between two inserts, 50 to 60000 (1000)',
  TOKEN: 'admin token that `lintel ledger`, `dead-letters`, `backup` and `restore` present',
  LOG_LEVEL: `one of ${LOG_LEVELS.join(', ')} (info)`,
  SENTRY_DSN: NOT_USED,
  SMTP_URL: NOT_USED,
  MAIL_FROM: NOT_USED,
  ALERT_RECIPIENTS: NOT_USED,
};

const SiteSchema = Type.Object(
  {
    id: Type.Integer({ minimum: 1, maximum: 65_534 }),
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    key: Type.String({ pattern: '^pk_[A-Za-z0-9_-]{1,120}$' }),
    origins: Type.Array(Type.String({ pattern: '^(\\*|https?://[^/\\s]+|null)$' })),
    timeZone: Type.Optional(Type.String()),
    currency: Type.Optional(Type.String({ pattern: '^[A-Z]{3}$' })),
    retentionMonths: Type.Optional(Type.Integer({ minimum: 1, maximum: 25 })),
    consent: Type.Optional(
      Type.Union(['off', 'none', 'statistics', 'all'].map((level) => Type.Literal(level))),
    ),
    consentText: Type.Optional(Type.String({ maxLength: 64 })),
    serverKeys: Type.Optional(
      Type.Array(Type.String({ pattern: '^sk_[A-Za-z0-9]{1,64}_.{32,256}$' }), { maxItems: 2 }),
    ),
    historyDays: Type.Optional(Type.Integer({ minimum: 30, maximum: 760 })),
  },
  { additionalProperties: false },
);

const toSite = (raw: Static<typeof SiteSchema>, timeZone: string): Site => ({
  id: raw.id,
  name: raw.name ?? raw.key,
  key: raw.key,
  origins: raw.origins,
  timeZone,
  currency: raw.currency ?? 'EUR',
  retentionMonths: raw.retentionMonths ?? 14,
  consent: (raw.consent as Site['consent'] | undefined) ?? 'none',
  consentText: raw.consentText ?? '',
  serverKeys: (raw.serverKeys ?? []).map((key) => {
    const [, id, secret] = /^sk_([A-Za-z0-9]+)_(.+)$/.exec(key) as unknown as [string, string, string];
    return { id, secret };
  }),
  historyDays: raw.historyDays ?? 30,
});

/**
 * Sites from JSON text.
 * @throws {BadSettings} naming the site, the field and the limit
 */
export const parseSites = (text: string): Site[] => {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (cause) {
    throw new BadSettings(`${PREFIX}SITES is not JSON: ${(cause as Error).message}`);
  }
  if (!Array.isArray(raw) || raw.length === 0)
    throw new BadSettings(`${PREFIX}SITES must be a non-empty JSON array`);
  const sites = raw.map((value: unknown, index) => {
    const error = Value.Errors(SiteSchema, value).First();
    if (error)
      throw new BadSettings(`${PREFIX}SITES[${index}]${error.path.replaceAll('/', '.')}: ${error.message}`);
    const site = value as Static<typeof SiteSchema>;
    const timeZone = timeZoneOf(site.timeZone ?? 'UTC');
    if (timeZone === null)
      throw new BadSettings(`${PREFIX}SITES[${index}].timeZone: unknown zone ${site.timeZone}`);
    return toSite(site, timeZone);
  });
  for (const [index, site] of sites.entries()) {
    const twin = sites.findIndex((other) => other.id === site.id || other.key === site.key);
    if (twin !== index)
      throw new BadSettings(`${PREFIX}SITES[${index}]: id and key must differ from SITES[${twin}]`);
  }
  return sites;
};

const address = (name: string, text: string, host: string): Address => {
  const match = /^(?:(.+):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (!match || port > 65_535)
    throw new BadSettings(`${PREFIX}${name} must be a port or host:port, not "${text}"`);
  return { host: match[1] ?? host, port };
};

const integer = (name: string, text: string, min: number, max: number): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new BadSettings(`${PREFIX}${name} must be an integer from ${min} to ${max}, not "${text}"`);
  }
  return value;
};

const url = (name: string, text: string, protocols: readonly string[]): string => {
  if (!URL.canParse(text) || !protocols.includes(new URL(text).protocol)) {
    throw new BadSettings(`${PREFIX}${name} must be a URL that starts with ${protocols.join(' or ')}`);
  }
  return text;
};

const passwords = (text: string): ClickHousePasswords => {
  if (!text.startsWith('{')) return { writer: text, reader: text, migrator: text, steward: text };
  try {
    const parsed = JSON.parse(text) as Partial<ClickHousePasswords>;
    const { writer = '', reader = '', migrator = '', steward = '' } = parsed;
    return { writer, reader, migrator, steward };
  } catch (cause) {
    throw new BadSettings(
      `${PREFIX}CLICKHOUSE_PASSWORD looks like JSON but is not: ${(cause as Error).message}`,
    );
  }
};

const masterKeys = (text: string): Buffer[] =>
  text.split(',').map((part) => {
    const key = Buffer.from(part.trim(), 'base64');
    if (key.length !== 32 || key.every((byte) => byte === key[0])) {
      throw new BadSettings(`${PREFIX}MASTER_KEY must be 32 random bytes in base64`);
    }
    return key;
  });

const trustProxy = (text: string): number | string[] => {
  if (/^\d+$/.test(text)) return integer('TRUST_PROXY', text, 0, 16);
  const cidrs = text.split(',').map((part) => part.trim());
  const bad = cidrs.find((cidr) => !/^[0-9a-f.:]+\/\d{1,3}$/i.test(cidr));
  if (bad !== undefined)
    throw new BadSettings(`${PREFIX}TRUST_PROXY must be a hop count or CIDRs, not "${bad}"`);
  return cidrs;
};

/** Values of the prefixed variables; `NAME_FILE` is read in place of `NAME` for secrets. */
const collect = (env: NodeJS.ProcessEnv): Map<string, string> => {
  const values = new Map<string, string>();
  for (const [full, value] of Object.entries(env)) {
    if (!full.startsWith(PREFIX) || value === undefined || value === '') continue;
    const name = full.slice(PREFIX.length);
    if (name in VARIABLES) {
      values.set(name, value);
      continue;
    }
    const secret = name.replace(/_FILE$/, '');
    if (!name.endsWith('_FILE') || !SECRETS.includes(secret))
      throw new BadSettings(`unknown setting ${full}`);
    try {
      values.set(secret, readFileSync(value, 'utf8').trim());
    } catch (cause) {
      throw new BadSettings(`${full}: cannot read ${value}: ${(cause as Error).message}`);
    }
  }
  return values;
};

const onOrOff = (name: string, value: string): boolean => {
  if (value !== 'on' && value !== 'off')
    throw new BadSettings(`${PREFIX}${name} must be on or off, not "${value}"`);
  return value === 'on';
};

const sitesText = (value: string): string => {
  if (value.trimStart().startsWith('[')) return value;
  try {
    return readFileSync(value, 'utf8');
  } catch (cause) {
    throw new BadSettings(
      `${PREFIX}SITES is neither a JSON array nor a readable file: ${(cause as Error).message}`,
    );
  }
};

/**
 * Settings from the environment.
 * @throws {BadSettings} for an unknown name or a bad value, in one line; the boot stops with exit 78
 */
export const readSettings = (env: NodeJS.ProcessEnv): Settings => {
  const values = collect(env);
  const get = <T>(name: string, fallback: T, parse: (value: string) => T): T => {
    const value = values.get(name);
    return value === undefined ? fallback : parse(value);
  };
  const port = (name: string, fallback: number): number =>
    get(name, fallback, (v) => integer(name, v, 0, 65_535));
  const listener = (name: string, fallback: number): Address =>
    get(name, { host: '127.0.0.1', port: fallback }, (v) => address(name, v, '127.0.0.1'));
  const settings: Settings = {
    public: listener('PUBLIC_PORT', 4100),
    admin: listener('ADMIN_PORT', 4101),
    demoPort: port('DEMO_PORT', 4180),
    dataDir: resolve(get('DATA_DIR', '.lintel', String)),
    redisUrl: get<string | null>('REDIS_URL', null, (v) => url('REDIS_URL', v, ['redis:', 'rediss:'])),
    bufferDiskBytes: get('BUFFER_DISK_MB', 2048, (v) => integer('BUFFER_DISK_MB', v, 1, 1_048_576)) * 2 ** 20,
    clickhouse: {
      url: get<string | null>('CLICKHOUSE_URL', null, (v) => url('CLICKHOUSE_URL', v, ['http:', 'https:'])),
      user: get('CLICKHOUSE_USER', 'lintel', String),
      passwords: get<ClickHousePasswords | null>('CLICKHOUSE_PASSWORD', null, passwords),
      database: get('CLICKHOUSE_DATABASE', 'lintel', String),
      cluster: get<string | null>('CLICKHOUSE_CLUSTER', null, String),
      httpPort: port('CLICKHOUSE_HTTP_PORT', 4123),
      tcpPort: port('CLICKHOUSE_TCP_PORT', 4190),
    },
    sites: get<Site[] | null>('SITES', null, (v) => parseSites(sitesText(v))),
    adminToken: get<string | null>('ADMIN_TOKEN', null, String),
    masterKeys: get<Buffer[]>('MASTER_KEY', [], masterKeys),
    trustProxy: get<number | string[]>('TRUST_PROXY', 0, trustProxy),
    countryDatabase: get<string | null>('COUNTRY_DATABASE', null, (v) => resolve(v)),
    canary: get('CANARY', false, (v) => onOrOff('CANARY', v)),
    flushIntervalMs: get('FLUSH_INTERVAL_MS', 1000, (v) => integer('FLUSH_INTERVAL_MS', v, 50, 60_000)),
    ingestProcesses: get('INGEST_PROCESSES', 0, (v) => integer('INGEST_PROCESSES', v, 0, 64)),
    logLevel: get<LogLevel>('LOG_LEVEL', 'info', (v) => {
      if ((LOG_LEVELS as readonly string[]).includes(v)) return v as LogLevel;
      throw new BadSettings(`${PREFIX}LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}, not "${v}"`);
    }),
    unused: [...values.keys()].filter((name) => VARIABLES[name] === NOT_USED).map((name) => PREFIX + name),
  };
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(settings.clickhouse.database)) {
    throw new BadSettings(`${PREFIX}CLICKHOUSE_DATABASE must be lower-case letters, digits and _`);
  }
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(settings.clickhouse.user)) {
    throw new BadSettings(`${PREFIX}CLICKHOUSE_USER must be lower-case letters, digits and _`);
  }
  if (settings.adminToken !== null && Buffer.byteLength(settings.adminToken) < 32) {
    throw new BadSettings(`${PREFIX}ADMIN_TOKEN must have at least 32 bytes`);
  }
  if (settings.clickhouse.cluster !== null) {
    if (settings.clickhouse.url === null)
      throw new BadSettings(
        `${PREFIX}CLICKHOUSE_CLUSTER needs ${PREFIX}CLICKHOUSE_URL: the embedded engine is one node`,
      );
    if (!/^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(settings.clickhouse.cluster))
      throw new BadSettings(`${PREFIX}CLICKHOUSE_CLUSTER must be letters, digits and _`);
  }
  if (settings.clickhouse.url !== null && settings.clickhouse.passwords === null) {
    throw new BadSettings(`${PREFIX}CLICKHOUSE_PASSWORD is needed beside ${PREFIX}CLICKHOUSE_URL`);
  }
  return settings;
};
