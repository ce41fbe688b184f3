import { networkOf } from './network.policy';

describe('one subscriber', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('who comes from %s is %s', (ip, network) => {
    expect(networkOf(ip)).toBe(network);
  });

  it('is another one with another address of IPv4, or another network of IPv6', () => {
    expect(networkOf('203.0.113.8')).not.toBe(networkOf('203.0.113.7'));
    expect(networkOf('2001:db8:1:3::1')).not.toBe(networkOf('2001:db8:1:2::1'));
  });
});
