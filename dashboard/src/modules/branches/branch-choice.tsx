import type { Branch } from '@loro/contracts/branches';
import { setQuery, useRoute } from '../../app/routes';
import { useMe } from '../../app/session';
import { Select } from '../../ui/field';

/** The one branch that a page looks at: out of the address, else one's own, else the first. */
export function useChosenBranch(branches: readonly Branch[]): [string, (id: string) => void] {
  const asked = useRoute().query.get('branch');
  const { user } = useMe();
  const known = (id: string | null) => branches.find((branch) => branch.id === id)?.id;
  const id = known(asked) ?? known(user.homeBranchId) ?? branches[0]?.id ?? '';
  return [id, (next) => setQuery('branch', next)];
}

interface BranchChoiceProps {
  branches: readonly Branch[];
  value: string;
  onChange: (id: string) => void;
}

/** One branch; nothing to choose from a single one. */
export function BranchChoice({ branches, value, onChange }: BranchChoiceProps) {
  if (branches.length < 2) return null;
  return (
    <Select
      className="branch-picker"
      aria-label="Branch"
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      {branches.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </Select>
  );
}
