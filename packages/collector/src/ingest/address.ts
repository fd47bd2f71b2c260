import { BlockList, isIP, isIPv4 } from 'node:net';
import { remembered } from './lru.js';

/** What a client address is used for before it is forgotten: limits, the daily visitor hash and the country. */
export interface ClientAddress {
  /** IPv4 address, or the /56 of an IPv6 address: what one household or office line is. */
  line: string;
  /** IPv4 /24 or IPv6 /48. */
  network: string;
}

const UNKNOWN: ClientAddress = { line: '', network: '' };

/** This host itself, by either protocol. */
export const isLoopback = ({ line }: ClientAddress): boolean => line.startsWith('127.') || line === '0:0:0:0';

/** The eight groups of an IPv6 address as numbers; the text is known to be one. */
const groups = (text: string): number[] => {
  const [head = '', tail] = text.split('::');
  const parse = (part: string): number[] =>
    part === ''
      ? []
      : part.split(':').flatMap((group) => {
          if (!group.includes('.')) return [Number.parseInt(group, 16)];
          const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
          return [a * 256 + b, c * 256 + d];
        });
  const left = parse(head);
  if (tail === undefined) return left;
  const right = parse(tail);
  return [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
};

/** Mapped IPv4 becomes IPv4 first: masked as IPv6, everybody would share one network. */
const plain = (text: string): string => {
  const address = text.split('%', 1)[0]!;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped) return mapped[1]!;
  if (isIPv4(address) || !/^(?:0*:)*:?(?:0*:)*ffff:/i.test(address)) return address;
  const all = groups(address);
  if (all.slice(0, 5).some((group) => group !== 0) || all[5] !== 0xffff) return address;
  return [all[6]! >> 8, all[6]! & 255, all[7]! >> 8, all[7]! & 255].join('.');
};

const keysOf = (text: string): ClientAddress => {
  const address = plain(text);
  switch (isIP(address)) {
    case 4:
      return { line: address, network: address.slice(0, address.lastIndexOf('.')) };
    case 6: {
      const all = groups(address).map((group) => group.toString(16));
      const fourth = (Number.parseInt(all[3]!, 16) & 0xff00).toString(16);
      return { line: [...all.slice(0, 3), fourth].join(':'), network: all.slice(0, 3).join(':') };
    }
    default:
      return UNKNOWN;
  }
};

/** @param text any spelling; what is no address gives empty keys, which share one bucket */
export const clientAddress = remembered(5000, keysOf);

/** An entry of X-Forwarded-For without port and brackets. */
const entry = (text: string): string => {
  const trimmed = text.trim();
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(trimmed);
  if (bracketed) return bracketed[1]!;
  return /^[\d.]+:\d+$/.test(trimmed) ? trimmed.slice(0, trimmed.indexOf(':')) : trimmed;
};

/** Address of the client from the socket's peer and `X-Forwarded-For`; and whether the peer itself is our proxy. */
export type FindClient = (
  peer: string,
  forwardedFor: string | string[] | undefined,
) => { address: ClientAddress; proxied: boolean };

/**
 * @param trustProxy number of proxies in front, or their CIDRs; never "everybody". The right-most address that is not
 * one of ours is the client: what stands left of it was written by the client itself.
 */
export const createFindClient = (trustProxy: number | readonly string[]): FindClient => {
  const ours = new BlockList();
  if (typeof trustProxy !== 'number') {
    for (const cidr of trustProxy) {
      const [net = '', bits = ''] = cidr.split('/');
      ours.addSubnet(net, Number(bits), isIPv4(net) ? 'ipv4' : 'ipv6');
    }
  }
  const isOurs = (address: string, hop: number): boolean => {
    if (typeof trustProxy === 'number') return hop < trustProxy;
    return isIP(address) !== 0 && ours.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
  };
  const direct = trustProxy === 0 || (typeof trustProxy !== 'number' && trustProxy.length === 0);
  return (peer, forwardedFor) => {
    if (direct) return { address: clientAddress(peer), proxied: false };
    let address = plain(peer);
    const proxied = isOurs(address, 0);
    const header = Array.isArray(forwardedFor) ? forwardedFor.join(',') : (forwardedFor ?? '');
    const hops = header === '' ? [] : header.split(',').reverse();
    for (const [hop, text] of hops.entries()) {
      if (!isOurs(address, hop)) break;
      const next = plain(entry(text));
      if (isIP(next) === 0) break;
      address = next;
    }
    return { address: clientAddress(address), proxied };
  };
};
