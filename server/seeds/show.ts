import type { About } from '@loro/contracts/hub';
import { demoCompany } from './company';

/** The one password of everybody in the demo company; it protects nothing. */
export const DEMO_PASSWORD = 'blue crane demo';

/** Names a few of the demo company on the sign-in page. */
export function showDemoCompany(about: { showDemo(demo: NonNullable<About['demo']>): void }): void {
  const users = demoCompany().front.map(({ email, name, about: role }) => ({ email, name, role }));
  about.showDemo({ password: DEMO_PASSWORD, users });
}
