import { Face } from '../../ui/face';

interface DemoPeopleProps {
  password: string;
  users: readonly { email: string; name: string; role: string }[];
  /** The address in the form. */
  picked: string;
  isBusy: boolean;
  onPick: (credentials: { email: string; password: string }) => void;
}

export function DemoPeople({ password, users, picked, isBusy, onPick }: DemoPeopleProps) {
  return (
    <section className="demo" aria-labelledby="demo-title">
      <h2 id="demo-title">Have a look around</h2>
      <p className="small muted">
        This is a demonstration. Choose whom to sign in as; everybody’s password is <code>{password}</code>.
      </p>
      <ul className="demo-list">
        {users.map(({ email, name, role }) => (
          <li key={email}>
            <button
              type="button"
              className="demo-person"
              aria-pressed={email === picked}
              disabled={isBusy}
              onClick={() => onPick({ email, password })}
            >
              <Face name={name} />
              <span className="demo-text">
                <span className="demo-name">{name}</span>
                <span className="small muted">{role}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
