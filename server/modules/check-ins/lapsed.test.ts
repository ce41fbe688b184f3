import { authApi } from '@loro/contracts/auth';
import { checkInsApi } from '@loro/contracts/check-ins';
import { AT_OFFICE, checkIn, officeWorker } from '../../testing/check-in-people';
import { forgetLimits, signIn } from '../../testing/sign-ins';
import { within } from '../../testing/within';
import { testHub } from '../../testing/test-hub';

const hub = testHub();
const DAY_MS = 86_400_000;

describe('a phone whose organisation’s licence lapsed', () => {
  it('still hands in what was recorded before, and does nothing else', async () => {
    await forgetLimits(hub);
    const worker = await officeWorker(hub);
    const now = hub.clock.now().getTime();
    const at = (days: number) => new Date(now + 10_000 + days * DAY_MS);
    const dates = { starts_at: at(-37), term_start: at(-37), expires_at: at(-7), type: 'subscription', grace_days: 7 };
    await hub.sql('UPDATE licenses SET ? WHERE org_id = ?', [dates, worker.orgId]);
    await hub.hub.changes.record({ orgId: worker.orgId, userId: null, sessionId: null });
    const signedIn = await signIn(hub, worker);
    const refreshToken = signedIn.status === 'signed-in' ? (signedIn.refreshToken ?? '') : '';
    hub.clock.advance(10_000);
    const narrowed = await within(5_000, async () => {
      const answer = await hub.api(authApi).refresh({ refreshToken });
      expect(answer.only).toBe('offline-upload');
      return answer;
    });

    const phone = hub.api(checkInsApi, { token: narrowed.accessToken });
    const { results } = await phone.recordBatch({ items: [checkIn({ live: false, wallMs: now - 60_000 })] });

    expect(results).toMatchObject([{ ok: true }]);
    await expect(phone.list()).rejects.toMatchObject({ status: 403 });
    await expect(phone.start({ position: AT_OFFICE })).rejects.toMatchObject({ status: 403 });
  });
});
