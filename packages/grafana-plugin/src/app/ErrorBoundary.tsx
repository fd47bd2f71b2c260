import React, { Component, type ErrorInfo, type ReactNode } from 'react';
import { t } from '@grafana/i18n';
import { Alert, Button } from '@grafana/ui';

interface Props {
  children: ReactNode;
  onError?: (error: Error, info: ErrorInfo) => void;
}

/** A part that fails says so in one sentence and offers one action; the rest of Grafana goes on. */
export class ErrorBoundary extends Component<Props, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override componentDidCatch(error: Error, info: ErrorInfo) {
    this.props.onError?.(error, info);
  }

  override render() {
    const { error } = this.state;
    if (error === null) {
      return this.props.children;
    }
    return (
      <Alert
        title={t('errors.crashed', 'This page stopped because of a fault in the plugin')}
        severity="error"
      >
        <p>{error.message}</p>
        <Button variant="secondary" onClick={() => this.setState({ error: null })}>
          {t('errors.again', 'Try again')}
        </Button>
      </Alert>
    );
  }
}
