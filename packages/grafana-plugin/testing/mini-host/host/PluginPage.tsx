import React from 'react';
import type { PluginPageProps } from '@grafana/runtime';
import { useTheme2 } from '@grafana/ui';

/** Grafana's page frame: one title, what stands beside it, the page. */
export const PluginPage = ({ pageNav, subTitle, actions, renderTitle, children }: PluginPageProps) => {
  const theme = useTheme2();
  const title = pageNav?.text ?? 'Lintel';
  return (
    <main
      style={{ padding: theme.spacing(2, 3), minHeight: '100vh', display: 'flex', flexDirection: 'column' }}
    >
      <div style={{ display: 'flex', gap: theme.spacing(2), alignItems: 'center' }}>
        {renderTitle ? renderTitle(title) : <h1>{title}</h1>}
        {actions}
      </div>
      <div style={{ color: theme.colors.text.secondary, marginBottom: theme.spacing(2) }}>
        {subTitle ?? pageNav?.subTitle}
      </div>
      <div style={{ flex: 1, display: 'flex', flexDirection: 'column' }}>{children}</div>
    </main>
  );
};
