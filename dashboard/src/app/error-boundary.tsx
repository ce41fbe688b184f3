import { Component, type ReactNode } from 'react';
import { Failed } from '../ui/panel';
import { describeProblem } from './problem';

/** The last net: a bug in one page must not leave a white screen. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: unknown; hasFailed: boolean }> {
  override state: { error: unknown; hasFailed: boolean } = { error: null, hasFailed: false };

  static getDerivedStateFromError(error: unknown) {
    return { error, hasFailed: true };
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <main className="splash">
        <Failed
          title="This page stopped working"
          detail={describeProblem(this.state.error).detail}
          onRetry={() => this.setState({ error: null, hasFailed: false })}
        />
      </main>
    );
  }
}
