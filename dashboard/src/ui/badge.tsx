import type { ReactNode } from 'react';
import './badge.css';

export type Tone = 'neutral' | 'good' | 'info' | 'warn' | 'bad';

export function Badge({ tone = 'neutral', children }: { tone?: Tone; children: ReactNode }) {
  return <span className={`badge badge-${tone}`}>{children}</span>;
}
