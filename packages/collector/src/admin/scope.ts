import { Type, type Static, type TSchema, type TString } from '@sinclair/typebox';
import type { Clock } from '../clock.js';
import { BadParameter, CollectorError } from '../errors.js';
import type { Scope } from '../questions/index.js';
import type { Site, Sites } from '../sites.js';
import { timeZoneOf } from '../time-zones.js';
import type { Token } from './tokens.js';

const RANGES: Readonly<Record<string, number>> = { '24h': 1, '7d': 7, '30d': 30, '90d': 90 };
const DAY_MS = 86_400_000;
/** Longest range that may be asked for, in days. */
const LONGEST_DAYS = 800;

/** As the edge reads them from a browser's User-Agent. */
const DEVICES = ['desktop', 'mobile', 'tablet', 'tv', 'bot'];

const filter = (what: string, example: string, value: TSchema = Type.String({ maxLength: 256 })) =>
  Type.Array(value as TString, {
    minItems: 1,
    maxItems: 50,
    default: ['*'],
    description: `${what}; * = all`,
    examples: [[example]],
  });

/** Parameters of every question. */
export const ScopeParameters = Type.Object({
  site: Type.Optional(
    Type.String({
      maxLength: 128,
      description: 'id or public key; may be left out when there is one site',
      examples: ['1'],
    }),
  ),
  timeRange: Type.Optional(
    Type.Union(
      Object.keys(RANGES).map((range) => Type.Literal(range)),
      { description: 'ends now; 7d unless from and to are given' },
    ),
  ),
  from: Type.Optional(
    Type.String({
      maxLength: 40,
      description: 'ISO 8601 with zone, or epoch milliseconds; not beside timeRange',
      examples: ['2026-11-01T00:00:00+01:00', '1793487600000'],
    }),
  ),
  to: Type.Optional(
    Type.String({
      maxLength: 40,
      description: 'end, not included; now unless given',
      examples: ['2026-11-08T00:00:00+01:00'],
    }),
  ),
  timeZone: Type.Optional(
    Type.String({
      maxLength: 64,
      description: "IANA zone; the site's own unless given",
      examples: ['Europe/Vienna', 'Asia/Kolkata'],
    }),
  ),
  device: filter(
    'device classes',
    'mobile',
    Type.Union(['*', ...DEVICES].map((device) => Type.Literal(device))),
  ),
  channel: filter('channels', 'search'),
  country: filter('countries', 'AT'),
  model: filter(
    'models (selects visitors who looked at one; orders without a visitor by their own)',
    'nest-80',
  ),
  segment: Type.String({
    maxLength: 128,
    default: '*',
    description: 'saved segment; * = everybody; a warning names those there are when nobody belongs to it',
    examples: ['saves designs, many visits'],
  }),
});

/**
 * The site a caller asks about. Unknown and forbidden sites look the same from outside.
 * @throws {BadParameter} when it must be named; {CollectorError} `NOT_FOUND`
 */
export const resolveSite = (named: string | undefined, sites: Sites, token: Token): Site => {
  const visible = sites.all.filter((site) => token.sites === '*' || token.sites.includes(site.id));
  if (named === undefined) {
    const [only] = visible;
    if (only && visible.length === 1) return only;
    throw new BadParameter('site', `site is required: one of ${visible.map((site) => site.id).join(', ')}`);
  }
  const site = visible.find((one) => String(one.id) === named || one.key === named);
  if (!site) throw new CollectorError('NOT_FOUND', `no site ${named}`);
  return site;
};

const instant = (name: string, text: string): number => {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Date.parse(text);
  if (!Number.isFinite(value))
    throw new BadParameter(name, `${name} must be an ISO 8601 time or epoch milliseconds`);
  return value;
};

const range = (p: Static<typeof ScopeParameters>, clock: Clock): { from: number; to: number } => {
  if (p.from === undefined && p.to === undefined) {
    const to = clock.now();
    return { from: to - RANGES[p.timeRange ?? '7d']! * DAY_MS, to };
  }
  if (p.timeRange !== undefined)
    throw new BadParameter('timeRange', 'timeRange and from/to exclude each other');
  if (p.from === undefined) throw new BadParameter('from', 'from is required beside to');
  const from = instant('from', p.from);
  const to = p.to === undefined ? clock.now() : instant('to', p.to);
  if (to <= from) throw new BadParameter('to', 'to must be later than from');
  if (to - from > LONGEST_DAYS * DAY_MS)
    throw new BadParameter('from', `from and to may be ${LONGEST_DAYS} days apart`);
  return { from, to };
};

export const resolveScope = (
  p: Static<typeof ScopeParameters>,
  sites: Sites,
  token: Token,
  clock: Clock,
): Scope => {
  const site = resolveSite(p.site, sites, token);
  const timeZone = timeZoneOf(p.timeZone ?? site.timeZone);
  if (timeZone === null)
    throw new BadParameter('timeZone', `timeZone must be an IANA zone such as ${site.timeZone}`);
  return {
    site,
    ...range(p, clock),
    timeZone,
    device: p.device,
    channel: p.channel,
    country: p.country,
    model: p.model,
    segment: p.segment,
  };
};
