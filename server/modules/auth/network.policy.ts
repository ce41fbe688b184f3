import ipaddr from 'ipaddr.js';

const PARTS_OF_A_NETWORK = 4;

/**
 * What one subscriber has: an IPv4 address, or the first 64 bits of an IPv6 address, of which whoever has one has them
 * all. An IPv4 address in IPv6 clothes is the IPv4 address.
 */
export function networkOf(ip: string): string {
  if (!ipaddr.isValid(ip)) return ip;
  const address = ipaddr.process(ip);
  if (address instanceof ipaddr.IPv4) return address.toString();
  return `${address.parts
    .slice(0, PARTS_OF_A_NETWORK)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}
