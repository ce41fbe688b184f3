import type { Hub } from '../../platform';

const pages = {
  'sign-up': 'sign-up',
  'verify-email': 'verify-email',
  'reset-password': 'reset-password',
  'forgot-password': 'forgot-password',
  invite: 'accept-invite',
  unlock: 'unlock',
  'recover-factor': 'recover-factor',
} as const;

/** A page of the dashboard. What opens something stands in the fragment, which no server and no log gets to see. */
export function linkTo({ config }: Pick<Hub, 'config'>, page: keyof typeof pages, token?: string): string {
  const base = (config.PUBLIC_URL ?? `http://localhost:${config.PORT}`).replace(/\/+$/, '');
  return `${base}/#/${pages[page]}${token === undefined ? '' : `/${token}`}`;
}
