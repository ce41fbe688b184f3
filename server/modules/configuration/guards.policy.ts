import { HubError, isAddressIn } from '../../platform';

/** Values that would shut out who sets them, by setting. */
export const guards: Readonly<Record<string, (value: unknown, ip: string) => void>> = {
  'security.ip-allow': (value, ip) => {
    const ranges = Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
    if (ranges.length > 0 && !isAddressIn(ranges, ip))
      throw new HubError('SELF_LOCKOUT', `Your own address ${ip} is not in this list.`);
  },
};
