import ipaddr from 'ipaddr.js';

/** An IPv4 address in IPv6 clothes (`::ffff:10.0.0.1`) is the IPv4 address; what is no address is null. */
const read = (text: string) => (ipaddr.isValid(text) ? ipaddr.process(text) : null);

/** Whether an address is one of these, or in one of these networks. */
export function isAddressIn(ranges: readonly string[], address: string): boolean {
  const ip = read(address);
  if (!ip) return false;
  return ranges.some((range) => {
    const [base, bits] = range.includes('/') ? ipaddr.parseCIDR(range) : [ipaddr.parse(range), null];
    if (base.kind() !== ip.kind()) return isMapped(base, bits) && isAddressIn([unmapped(base, bits)], address);
    return ip.match(base, bits ?? (ip.kind() === 'ipv4' ? 32 : 128));
  });
}

/** Whether an address can be reached by everybody: not private, loopback, link-local, shared, reserved or a tunnel's. */
export function isPublicAddress(address: string): boolean {
  const ip = read(address);
  if (!ip || ip.range() !== 'unicast') return false;
  // `::7f00:1` is an IPv4 address in the clothes of an earlier time; nothing public begins so.
  return ip instanceof ipaddr.IPv4 || ip.parts.slice(0, 6).some((part) => part !== 0);
}

/** Where clouds answer their machines, credentials included: link-local addresses, and the public one of Azure. */
export const isMetadata = (address: string): boolean => {
  const ip = read(address);
  return ip?.range() === 'linkLocal' || ip?.toString() === '168.63.129.16' || ip?.toString() === 'fd00:ec2::254';
};

const isMapped = (base: ipaddr.IPv4 | ipaddr.IPv6, bits: number | null): base is ipaddr.IPv6 =>
  base instanceof ipaddr.IPv6 && base.isIPv4MappedAddress() && (bits === null || bits >= 96);

const unmapped = (base: ipaddr.IPv6, bits: number | null): string =>
  `${base.toIPv4Address().toString()}/${bits === null ? 32 : bits - 96}`;
