import { readFileSync, statSync, type Stats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import { Reader, type Response } from 'mmdb-lib';
import { BadSettings } from '../errors.js';
import type { Log } from '../log.js';
import { isLoopback, type ClientAddress } from './address.js';
import { createLru } from './lru.js';

/** Where an address is; both empty when nobody knows. */
export interface Location {
  /** ISO 3166-1: `AT`. */
  country: string;
  /** ISO 3166-2: `AT-9`. */
  region: string;
}

export type Locate = (address: ClientAddress) => Location;

export const NOWHERE: Location = { country: '', region: '' };

export interface CountryDatabase {
  locate: Locate;
  close(): void;
}

/** Of MaxMind, DB-IP and others with their layout; `country_code` of those with a flat one. */
interface Found {
  country?: { iso_code?: unknown };
  subdivisions?: { iso_code?: unknown }[];
  country_code?: unknown;
}

const LOOK_MS = 60_000;
/** Decoded pieces of records: a country's costs 30 µs without, 3 µs with; cities are too many for it to help. */
const REMEMBERED = 5000;
const PROBES = ['1.1.1.1', '193.99.144.80', '2001:4860:4860::8888'];

const matches = (value: unknown, pattern: RegExp): string =>
  typeof value === 'string' && pattern.test(value) ? value : '';

/**
 * Where the visitor is, not where his network is registered: `registered_country` alone says nothing, and the next
 * source is asked.
 */
const locationOf = (found: Found | null): Location => {
  const country = matches(found?.country?.iso_code ?? found?.country_code, /^[A-Z]{2}$/);
  if (country === '') return NOWHERE;
  const part = matches(found?.subdivisions?.[0]?.iso_code, /^[A-Z0-9]{1,3}$/);
  return { country, region: part === '' ? '' : `${country}-${part}` };
};

/** @throws {Error} for bytes that are no such database, or one without countries */
const parse = (bytes: Buffer): { find: (address: string) => Location; type: string; built: string } => {
  const reader = new Reader<Response>(bytes, { cache: createLru<number | string, object>(REMEMBERED) });
  const { ipVersion, searchTreeSize, databaseType, buildEpoch } = reader.metadata;
  if (searchTreeSize >= bytes.length) throw new Error('it was cut off');
  if (!bytes.includes('iso_code') && !bytes.includes('country_code'))
    throw new Error('it holds no countries');
  const find = (address: string): Location => {
    // its reader would take the first bits of an IPv6 address for an IPv4 address
    if (ipVersion === 4 && !isIPv4(address)) return NOWHERE;
    return locationOf(reader.get(address) as Found | null);
  };
  PROBES.forEach(find);
  return { find, type: databaseType, built: buildEpoch.toISOString() };
};

const stampOf = ({ mtimeMs, size, ino }: Stats): string => `${mtimeMs}:${size}:${ino}`;

/**
 * Countries and regions of addresses from an `.mmdb` file, held in memory. A replaced file is taken within a minute; one
 * that is no good, or gone, leaves the last good one in place. IPv6 addresses are looked up by their /56.
 * @throws {BadSettings} when the file cannot be read or is no such database
 */
export const openCountryDatabase = (path: string, log: Log, lookMs = LOOK_MS): CountryDatabase => {
  let seen: string;
  let current: ReturnType<typeof parse>;
  // one object stands for an address as long as it is used: nothing is remembered here beyond that
  let known = new WeakMap<ClientAddress, Location>();
  try {
    seen = stampOf(statSync(path));
    current = parse(readFileSync(path));
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
    throw new BadSettings(`LINTEL_COUNTRY_DATABASE: ${path} is no readable .mmdb file of countries: ${why}`);
  }
  const loaded = ({ type, built }: typeof current): void => log.info('country.loaded', { type, built });
  loaded(current);

  const look = async (): Promise<void> => {
    const stamp = await stat(path).then(stampOf, () => 'gone');
    if (stamp === seen) return;
    // first: what is refused is said once
    seen = stamp;
    try {
      current = parse(await readFile(path));
      known = new WeakMap();
      loaded(current);
    } catch (error) {
      log.error('country.kept_old', { error: (error as Error).message, built: current.built });
    }
  };
  const timer = setInterval(() => void look(), lookMs).unref();

  let damaged = '';
  const find = (address: ClientAddress): Location => {
    if (address.line === '' || isLoopback(address)) return NOWHERE;
    try {
      return current.find(address.line.includes(':') ? `${address.line}::` : address.line);
    } catch (error) {
      if (damaged !== seen) log.error('country.damaged', { error: (error as Error).message });
      damaged = seen;
      return NOWHERE;
    }
  };
  return {
    locate: (address) => {
      let location = known.get(address);
      if (!location) known.set(address, (location = find(address)));
      return location;
    },
    close: () => clearInterval(timer),
  };
};
