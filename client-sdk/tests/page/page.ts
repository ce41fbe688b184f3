import { createLoroHub, indexedDbFixes, indexedDbStorage, type LoroHub } from '@loro/client';
import { useCall, useFleet, useStream } from '@loro/client/react';
import { createElement, type ReactElement, StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';

/** What the tests do with the SDK from outside the page. */
const sdk = { createLoroHub, indexedDbFixes, indexedDbStorage, show };
declare global {
  interface Window {
    sdk: typeof sdk;
  }
}

/** Shows a branch: who checks in, who moves, and a button to check in by oneself. */
function show(hub: LoroHub, branchId: string): void {
  const root = document.createElement('main');
  document.body.append(root);
  createRoot(root).render(createElement(StrictMode, null, createElement(Pages, { hub, branchId })));
}

function Pages({ hub, branchId }: { hub: LoroHub; branchId: string }): ReactElement {
  const [isOpen, setOpen] = useState(true);
  return createElement(
    'div',
    null,
    createElement('button', { onClick: () => setOpen(!isOpen) }, isOpen ? 'Leave' : 'Enter'),
    isOpen && createElement(Branch, { hub, branchId }),
  );
}

function Branch({ hub, branchId }: { hub: LoroHub; branchId: string }): ReactElement {
  const [heard, setHeard] = useState<readonly string[]>([]);
  const { ready, ended } = useStream(hub.checkIns, 'branch', branchId, {
    on: { 'check-in:started': ({ note }) => setHeard((before) => [...before, note ?? '']) },
  });
  const { members, ready: isFleetReady } = useFleet(hub.tracking, [branchId]);
  const { run, pending, error } = useCall((note: string) =>
    hub.checkIns.start({ position: { lat: -26.2, lng: 28 }, note }),
  );
  const positions = [...members.values()].map(({ trackable, position }) => `${trackable.name} ${position?.lat ?? ''}`);
  return createElement(
    'section',
    null,
    createElement('p', { id: 'stream' }, ended ?? (ready ? 'ready' : 'waiting')),
    createElement('p', { id: 'heard' }, heard.join(' ')),
    createElement('p', { id: 'fleet' }, isFleetReady ? positions.join(', ') || 'nobody' : 'waiting'),
    createElement('button', { onClick: () => void run('mine'), disabled: pending }, 'Check in'),
    createElement('p', { id: 'error' }, error?.code ?? ''),
  );
}

window.sdk = sdk;
