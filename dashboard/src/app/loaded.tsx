import type { ReactNode } from 'react';
import { Failed, Panel, Skeleton } from '../ui/panel';
import { describeProblem } from './problem';
import type { Request } from './use-request';

interface LoadedProps<T> {
  request: Request<T>;
  /** What is read, in words: `the branch`. */
  what: string;
  lines?: number;
  children: (data: T) => ReactNode;
}

/** What was read; until then that it is being read, or why it could not be. */
export function Loaded<T>({ request, what, lines = 3, children }: LoadedProps<T>) {
  if (request.state === 'loading') return <Skeleton lines={lines} label={`Loading ${what}`} />;
  if (request.state === 'failed') return <Failed {...describeProblem(request.error)} onRetry={request.retry} />;
  return children(request.data);
}

/** The same, with a panel around what is not there yet. */
export function LoadedPanel<T>(props: LoadedProps<T>) {
  if (props.request.state === 'ready') return props.children(props.request.data);
  return (
    <Panel>
      <Loaded {...props} />
    </Panel>
  );
}
