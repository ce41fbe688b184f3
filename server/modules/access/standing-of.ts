import type { Hub } from '../../platform';
import { licensing } from '../licensing';
import type { StandingOf } from './standings';

/** How the licensing room is asked. */
export const standingOf =
  (hub: Hub): StandingOf =>
  (orgId) =>
    hub.use(licensing).licenseOf(orgId);
