import { accessApi } from '@loro/contracts/access';
import { routes } from '../../platform';
import type { AccessService } from './access.service';

export const accessRoutes = ({ roles, holdings, explainer, reviews }: AccessService) =>
  routes(accessApi, {
    roles: ({ actor, query }) => roles.list(actor, query),
    role: ({ actor, params }) => roles.get(actor, params.roleId),
    makeRole: ({ actor, body }) => roles.make(actor, body),
    changeRole: ({ actor, params, ifMatch, body }) => roles.change(actor, params.roleId, ifMatch, body),
    setRolePermissions: ({ actor, params, ifMatch, body }) =>
      roles.setPermissions(actor, params.roleId, ifMatch, body.permissions),
    removeRole: ({ actor, params, ifMatch }) => roles.remove(actor, params.roleId, ifMatch),
    rolesOf: ({ actor, params }) => holdings.of(actor, params.userId),
    grantRole: ({ actor, params, body }) => holdings.grant(actor, params.userId, body),
    revokeRole: ({ actor, params, query }) => holdings.revoke(actor, params.userId, query.role, query.branchId ?? null),
    explain: ({ actor, query }) => explainer.explain(actor, query),
    beginReview: ({ actor, body }) => reviews.begin(actor, body),
    reviews: ({ actor, query }) => reviews.list(actor, query),
    review: ({ actor, params }) => reviews.get(actor, params.reviewId),
    reviewItems: ({ actor, params, query }) => reviews.items(actor, params.reviewId, query),
    decideItem: ({ actor, params, body }) => reviews.decide(actor, params.reviewId, params.itemId, body),
    closeReview: ({ actor, params, body }) => reviews.close(actor, params.reviewId, body.revokeUndecided),
    matrix: ({ actor, query }) => explainer.matrix(actor, query),
  });
