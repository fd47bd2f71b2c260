export const testIds = {
  home: {
    sentence: 'lintel-home-sentence',
    captured: 'lintel-home-captured',
  },
  config: {
    collectorUrl: 'lintel-config-collector-url',
    token: 'lintel-config-token',
    save: 'lintel-config-save',
    test: 'lintel-config-test',
    results: 'lintel-config-results',
  },
} as const;
