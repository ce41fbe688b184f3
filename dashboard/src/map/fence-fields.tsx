import type { Fence } from '@loro/contracts/branches';
import { IconButton } from '../ui/button';
import { TextField } from '../ui/field';
import { isOutline, withCorner, withoutCorner, withRadius } from './fence-draft';

interface FenceFieldsProps {
  fence: Fence;
  errors: Partial<Record<string, string>>;
  onChange: (fence: Fence) => void;
}

/** A fence in figures, for who does not draw. */
export function FenceFields({ fence, errors, onChange }: FenceFieldsProps) {
  if (!isOutline(fence)) {
    return (
      <TextField
        label="Radius in metres"
        type="number"
        min={10}
        max={50_000}
        value={fence.radiusM}
        error={errors['radiusM'] ?? errors['fence']}
        onChange={({ target }) => onChange(withRadius(fence, Number(target.value)))}
      />
    );
  }
  const wrong = errors['corners'] ?? errors['fence'];
  return (
    <details className="stack">
      <summary>{fence.corners.length} corners in figures</summary>
      <div className="stack">
        {fence.corners.map((corner, at) => (
          // Corners have no name but their number.
          // oxlint-disable-next-line react/no-array-index-key
          <div className="corner-row" key={at}>
            {(['lat', 'lng'] as const).map((part) => (
              <TextField
                key={part}
                label={`Corner ${at + 1}, ${part === 'lat' ? 'latitude' : 'longitude'}`}
                type="number"
                step="any"
                value={corner[part]}
                error={part === 'lat' ? errors[String(at)] : undefined}
                onChange={({ target }) => onChange(withCorner(fence, at, { ...corner, [part]: Number(target.value) }))}
              />
            ))}
            <IconButton
              icon="close"
              label={`Take corner ${at + 1} away`}
              disabled={fence.corners.length <= 3}
              onClick={() => onChange(withoutCorner(fence, at))}
            />
          </div>
        ))}
      </div>
      {wrong !== undefined && <p className="field-error">{wrong}</p>}
    </details>
  );
}
