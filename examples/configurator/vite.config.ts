import { defineConfig } from 'vite';

export default defineConfig({
  html: { cspNonce: '{{nonce}}' }, // the server puts a fresh one into every page
  build: {
    outDir: 'dist/site',
    target: 'es2022',
    assetsInlineLimit: 0, // a data: URL would need its own source in the policy
    modulePreload: false,
  },
});
