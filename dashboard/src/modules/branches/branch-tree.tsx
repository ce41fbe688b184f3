import type { TreeNode } from '@loro/contracts/branches-tree';
import { useState } from 'react';
import type { z } from 'zod';
import { Link } from '../../app/routes';
import { Button } from '../../ui/button';
import { TextField } from '../../ui/field';
import { formatCount } from '../../ui/format';
import { Empty, Panel } from '../../ui/panel';
import { BranchStatusBadge, kindTitle } from './branch-words';

type Node = z.infer<typeof TreeNode>;

const BATCH = 100;

/** The branches below each other; a search shows those that are found without their tree. */
export function BranchTree({ nodes, openId }: { nodes: readonly Node[]; openId: string | null }) {
  const [search, setSearch] = useState('');
  const [shown, setShown] = useState(BATCH);
  const needle = search.trim().toLocaleLowerCase();
  const found = nodes.filter(({ name, code }) => `${name} ${code}`.toLocaleLowerCase().includes(needle));
  const top = Math.min(...nodes.map(({ depth }) => depth));
  return (
    <Panel title="All branches" flush>
      <div className="paged-tools">
        <TextField
          label="Search"
          type="search"
          value={search}
          onChange={(event) => {
            setSearch(event.target.value);
            setShown(BATCH);
          }}
        />
      </div>
      {found.length === 0 && (
        <Empty icon="branch" title={nodes.length === 0 ? 'No branches yet' : 'No branch is called that'}>
          {nodes.length === 0 ? 'Open the first one.' : 'Search for another name or code.'}
        </Empty>
      )}
      <ul className="row-list">
        {found.slice(0, shown).map((node) => (
          <li key={node.id}>
            <TreeRow node={node} depth={needle === '' ? node.depth - top : 0} isOpen={node.id === openId} />
          </li>
        ))}
      </ul>
      {found.length > shown && (
        <div className="page-turn">
          <Button onClick={() => setShown(shown + BATCH)}>Show more: {found.length - shown} left</Button>
        </div>
      )}
    </Panel>
  );
}

function TreeRow({ node, depth, isOpen }: { node: Node; depth: number; isOpen: boolean }) {
  const { id, name, code, kind, status, members } = node;
  return (
    <Link
      className="row"
      href={`/branches/${id}`}
      aria-current={isOpen ? 'true' : undefined}
      style={{ paddingInlineStart: 20 + depth * 20 }}
    >
      <span className="row-text">
        <span className="truncate">{name}</span>
        <span className="small muted truncate">
          {code} · {kindTitle(kind)} · {members === 1 ? '1 person' : `${formatCount(members)} people`}
        </span>
      </span>
      {status !== 'active' && (
        <span className="row-end">
          <BranchStatusBadge status={status} />
        </span>
      )}
    </Link>
  );
}
