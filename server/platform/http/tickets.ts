import { ticketsApi, ticketsContract } from '@loro/contracts/tickets';
import { defineModule } from '../hub';
import { routes } from './routes';

/** Tickets for sockets; it stands in the platform because the gateway takes them. */
export const tickets = defineModule({
  name: 'tickets',
  contract: ticketsContract,
  models: [],
  service: (hub) => hub.tickets,
  routes: (service) =>
    routes(ticketsApi, {
      issue: async ({ token }) => {
        const { ticket, expiresAt } = await service.issue(token);
        return { ticket, expiresAt: expiresAt.toISOString() };
      },
    }),
});
