import type { ReactNode } from 'react';
import { useSession } from '../../app/session';
import { Icon, Logo } from '../../ui/icons';
import './sign-in.css';

/** The card before the door: every page for people who are not signed in. */
export function Entrance({ title, notice, children }: { title: string; notice?: string | null; children: ReactNode }) {
  const { about } = useSession();
  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <div className="sign-in-brand">
          <Logo size={40} />
          <h1>{title.replace('the hub', about?.name ?? 'Loro Hub')}</h1>
        </div>
        {notice !== null && notice !== undefined && (
          <p className="sign-in-notice" role="status">
            <Icon name="alert" size={18} />
            {notice}
          </p>
        )}
        {children}
      </div>
    </main>
  );
}
