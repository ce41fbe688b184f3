import { Badge } from '../../ui/badge';

const ERASED = '[erased]';

/** A value of an entry. Personal ones stand apart from the chain: they may be hidden from the reader, or erased. */
export function JournalValue({ value }: { value: unknown }) {
  if (value === undefined) return <span className="muted small">nothing</span>;
  if (isPersonal(value)) return <Personal value={value} />;
  if (value === ERASED) return <Badge tone="warn">{ERASED}</Badge>;
  if (value === null) return <span className="muted small">empty</span>;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'object') return <Whole value={value} />;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function Personal({ value: personal }: { value: object }) {
  if (!('value' in personal)) return <Badge>personal, not shown to you</Badge>;
  return <JournalValue value={personal.value} />;
}

function Whole({ value }: { value: object }) {
  if (Array.isArray(value) && value.every((one) => typeof one !== 'object')) {
    return value.length === 0 ? <span className="muted small">none</span> : value.join(', ');
  }
  return (
    <ul className="whole">
      {Object.entries(value).map(([name, part]) => (
        <li key={name}>
          <span className="muted small">{name}:</span> <JournalValue value={part} />
        </li>
      ))}
    </ul>
  );
}

const isPersonal = (value: unknown): value is object => typeof value === 'object' && value !== null && '$pii' in value;
