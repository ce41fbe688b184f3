import './face.css';
import { initialsOf } from './format';

/** Two letters for a person, beside the name. */
export function Face({ name }: { name: string }) {
  return (
    <span className="face" aria-hidden="true">
      {initialsOf(name)}
    </span>
  );
}
