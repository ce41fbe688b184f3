import { useId } from 'react';
import { Icon, type IconName } from './icons';
import './segments.css';

interface SegmentsProps<Choice extends string> {
  /** Read out before the choices; not shown. */
  legend: string;
  choices: readonly { choice: Choice; title: string; icon?: IconName }[];
  value: Choice;
  onChange: (choice: Choice) => void;
}

/** A few choices side by side, one of them taken. Radio buttons inside, so that the arrow keys work. */
export function Segments<Choice extends string>({ legend, choices, value, onChange }: SegmentsProps<Choice>) {
  const name = useId();
  return (
    <fieldset className="segments">
      <legend className="visually-hidden">{legend}</legend>
      {choices.map(({ choice, title, icon }) => (
        <label className="segment" key={choice}>
          <input type="radio" name={name} checked={choice === value} onChange={() => onChange(choice)} />
          {icon && <Icon name={icon} size={16} />}
          {title}
        </label>
      ))}
    </fieldset>
  );
}
