import { Button } from '../../ui/button';
import { Icon } from '../../ui/icons';

interface OrganisationChoiceProps {
  organisations: readonly { slug: string; name: string }[];
  isBusy: boolean;
  onChoose: (slug: string) => void;
  onBack: () => void;
}

export function OrganisationChoice({ organisations, isBusy, onChoose, onBack }: OrganisationChoiceProps) {
  return (
    <section className="organisations" aria-labelledby="organisations-title">
      <h2 id="organisations-title" tabIndex={-1} ref={(heading) => heading?.focus()}>
        Which organisation?
      </h2>
      <ul>
        {organisations.map(({ slug, name }) => (
          <li key={slug}>
            <button type="button" className="demo-person" disabled={isBusy} onClick={() => onChoose(slug)}>
              <Icon name="branch" />
              <span className="demo-text">
                <span className="demo-name">{name}</span>
                <span className="small muted">{slug}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      <Button kind="quiet" onClick={onBack}>
        Use another address
      </Button>
    </section>
  );
}
