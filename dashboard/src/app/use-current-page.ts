import { type Page, pagePermissions, pages, useRoute } from './routes';
import { mayOf, useMe } from './session';

/** The page that is shown: `closed` where the address, or every page, is out of this person's reach. */
export function useCurrentPage(): Page | 'closed' | null {
  const { page } = useRoute();
  const me = useMe();
  if (page === null) return null;
  if (page !== 'home') return mayOf(me, pagePermissions[page]) ? page : 'closed';
  const first = pages.find((name) => mayOf(me, pagePermissions[name]));
  return first ?? 'closed';
}
