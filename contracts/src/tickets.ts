import { z } from 'zod';
import { act, api } from './kit/api';
import { contract } from './kit/contract';
import { Instant } from './kit/values';

export const Ticket = z.object({
  /** Goes into `auth.token` of the handshake instead of the access token. */
  ticket: z.string(),
  expiresAt: Instant,
});
export type Ticket = z.infer<typeof Ticket>;

export const ticketsApi = api('/live', {
  issue: act('/tickets', {
    permission: 'account.use',
    returns: Ticket,
    summary: 'Get a ticket that opens one socket connection within a minute, for code that should not see the token',
  }),
});

export const ticketsContract = contract({ name: 'tickets', api: ticketsApi });
