import { createHmac } from 'node:crypto';
import { isReceipt, newSecret, retryAfterMs, signatureHeaders } from './webhook.policy';

describe('signing a delivery', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const delivery = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}' };
  const at = new Date(1_614_265_330_000);

  it('covers the id, the time and the body, as receivers of the common standard check it', () => {
    expect(signatureHeaders(delivery, [secret], at)).toEqual({
      'webhook-id': delivery.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('differs for another time, body or secret, and holds both secrets during an overlap', () => {
    const of = (...given: Parameters<typeof signatureHeaders>) => signatureHeaders(...given)['webhook-signature'];
    const other = newSecret();

    const all = [
      of(delivery, [secret], at),
      of(delivery, [secret], new Date(at.getTime() + 1_000)),
      of({ ...delivery, body: '{}' }, [secret], at),
      of(delivery, [other], at),
    ];
    expect(new Set(all).size).toBe(4);
    expect(of(delivery, [secret, other], at)).toBe(`${all[0]} ${all[3]}`);
    const key = Buffer.from(other.slice('whsec_'.length), 'base64');
    expect(key).toHaveLength(32);
    const byHand = createHmac('sha256', key).update(`${delivery.id}.1614265330.${delivery.body}`).digest('base64');
    expect(all[3]).toBe(`v1,${byHand}`);
  });
});

describe('trying again', () => {
  it('waits longer each time, and stops within a day', () => {
    const waits = Array.from({ length: 12 }, (_, n) => retryAfterMs(n + 1));
    const given = waits.filter((wait) => wait !== null);

    expect(given).toEqual(given.toSorted((a, b) => a - b));
    expect(new Set(given).size).toBe(8);
    expect(waits.slice(8)).toEqual([null, null, null, null]);
    expect(given.reduce((sum, wait) => sum + wait, 0)).toBeLessThan(86_400_000);
  });

  it('takes any answer of the two hundreds for a receipt, and no other', () => {
    expect([199, 200, 204, 299, 300, 404, 500].map(isReceipt)).toEqual([false, true, true, true, false, false, false]);
  });
});
