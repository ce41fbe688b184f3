import { useSyncExternalStore } from 'react';
import { IconButton } from './button';
import { Icon } from './icons';
import './toast.css';

export interface ToastText {
  title: string;
  detail?: string | undefined;
  /** Small print, such as the id of the request to quote in a report. */
  note?: string | undefined;
  tone?: 'good' | 'bad';
}

interface Toast extends ToastText {
  id: number;
}

const LIFE_MS = 8_000;
const AT_MOST = 3;

let toasts: readonly Toast[] = [];
let last = 0;
const listeners = new Set<() => void>();

export function toast(text: ToastText): void {
  last += 1;
  const id = last;
  const isRepeat = (other: Toast) => other.title === text.title && other.detail === text.detail;
  set([...toasts.filter((other) => !isRepeat(other)), { ...text, id }].slice(-AT_MOST));
  window.setTimeout(() => dismiss(id), LIFE_MS);
}

function dismiss(id: number): void {
  set(toasts.filter((other) => other.id !== id));
}

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Where toasts appear; stands once in the page, so that screen readers know the region before its first text. */
export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map(({ id, title, detail, note, tone = 'bad' }) => (
        <div className={`toast toast-${tone}`} key={id}>
          <Icon name={tone === 'bad' ? 'alert' : 'check'} />
          <div className="toast-text">
            <p className="toast-title">{title}</p>
            {detail !== undefined && <p className="small muted">{detail}</p>}
            {note !== undefined && <p className="toast-note">{note}</p>}
          </div>
          <IconButton icon="close" label="Dismiss" size={18} onClick={() => dismiss(id)} />
        </div>
      ))}
    </div>
  );
}
