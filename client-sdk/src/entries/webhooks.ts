// Written by scripts/make-tables.ts from the contracts. Do not edit: run `npm run tables -w @loro/client`.
import type { webhooksContract } from '@loro/contracts/webhooks';
import { defineModule } from '../module';

export const webhooks = defineModule<typeof webhooksContract>({
  prefix: '/webhooks',
  endpoints: {
    list: ['GET', '/', 'list'],
    get: ['GET', '/:webhookId', 'one'],
    create: ['POST', '/', 'one'],
    change: ['PATCH', '/:webhookId', 'one'],
    remove: ['DELETE', '/:webhookId', 'none'],
    rotate: ['POST', '/:webhookId/rotate', 'one'],
    test: ['POST', '/:webhookId/test', 'one'],
    deliveries: ['GET', '/:webhookId/deliveries', 'list'],
    redeliver: ['POST', '/:webhookId/deliveries/:deliveryId/redeliver', 'one'],
  },
});
