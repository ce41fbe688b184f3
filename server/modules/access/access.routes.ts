import { accessApi } from '@loro/contracts/access';
import { routes } from '../../platform';
import type { AccessService } from './access.service';

export const accessRoutes = ({ roles, holdings, explainer }: AccessService) =>
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
    matrix: ({ actor, query }) => explainer.matrix(actor, query),
  });
