import type { Branch } from '@loro/contracts/branches';
import { Select } from '../../ui/field';

interface BranchPickerProps {
  branches: readonly Branch[];
  value: string | null;
  onChange: (id: string | null) => void;
}

/** Nothing to pick from fewer than two. */
export function BranchPicker({ branches, value, onChange }: BranchPickerProps) {
  if (branches.length < 2) return null;
  return (
    <Select
      className="branch-picker"
      aria-label="Branch"
      value={value ?? ''}
      onChange={(event) => onChange(event.target.value === '' ? null : event.target.value)}
    >
      <option value="">All branches</option>
      {branches.map((branch) => (
        <option key={branch.id} value={branch.id}>
          {branch.name}
        </option>
      ))}
    </Select>
  );
}
