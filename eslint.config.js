import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import globals from 'globals';
import ts from 'typescript-eslint';

/** The SDK takes time, randomness, network and storage as arguments, so that tests can turn them by hand. */
const sdkSeams = ['Date', 'performance', 'setTimeout', 'setInterval', 'fetch', 'indexedDB', 'crypto'].map(
  (name) => ({
    name,
    message: 'Take it from the seams (src/lib): tests turn time, chance, storage and network by hand.',
  }),
);

export default ts.config(
  {
    ignores: [
      '**/dist/',
      '**/node_modules/',
      'packages/grafana-plugin/',
      'tests/output/',
      '**/.build/',
      '**/.lintel/',
      '.nx/',
    ],
  },
  js.configs.recommended,
  ...ts.configs.strict,
  prettier,
  {
    languageOptions: { globals: { ...globals.node } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-invalid-void-type': 'off',
      'no-control-regex': 'off',
    },
  },
  {
    files: ['packages/sdk/src/**', 'examples/configurator/src/**'],
    languageOptions: { globals: { ...globals.browser, ...globals.serviceworker } },
  },
  {
    files: ['packages/sdk/src/**'],
    ignores: ['packages/sdk/src/lib/**', 'packages/sdk/src/**/stub.js'],
    rules: { 'no-restricted-globals': ['error', ...sdkSeams] },
  },
  { files: ['benchmarks/k6/**'], languageOptions: { globals: { __ENV: 'readonly' } } },
  { files: ['**/test/**', 'tests/**'], rules: { '@typescript-eslint/no-unused-expressions': 'off' } },
);
