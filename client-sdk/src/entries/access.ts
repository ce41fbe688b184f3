// Written by scripts/make-tables.ts from the contracts. Do not edit: run `npm run tables -w @loro/client`.
import type { accessContract } from '@loro/contracts/access';
import { defineModule } from '../module';

export const access = defineModule<typeof accessContract>({
  prefix: '',
  endpoints: {
    roles: ['GET', '/roles', 'list'],
    role: ['GET', '/roles/:roleId', 'one'],
    makeRole: ['POST', '/roles', 'one'],
    changeRole: ['PATCH', '/roles/:roleId', 'one'],
    setRolePermissions: ['PUT', '/roles/:roleId/permissions', 'one'],
    removeRole: ['DELETE', '/roles/:roleId', 'none'],
    rolesOf: ['GET', '/users/:userId/roles', 'one'],
    grantRole: ['POST', '/users/:userId/roles', 'one'],
    revokeRole: ['DELETE', '/users/:userId/roles', 'none'],
    explain: ['GET', '/access/explain', 'one'],
    matrix: ['GET', '/access/matrix', 'list'],
    beginReview: ['POST', '/access/reviews', 'one'],
    reviews: ['GET', '/access/reviews', 'list'],
    review: ['GET', '/access/reviews/:reviewId', 'one'],
    reviewItems: ['GET', '/access/reviews/:reviewId/items', 'list'],
    decideItem: ['POST', '/access/reviews/:reviewId/items/:itemId/decide', 'one'],
    closeReview: ['POST', '/access/reviews/:reviewId/close', 'one'],
  },
  live: {
    namespace: '/notifications',
    calls: {},
  },
});
