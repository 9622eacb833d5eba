import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

declare const process: { env: Record<string, string | undefined> };

const server = process.env.OPENSVH_SERVER ?? 'http://127.0.0.1:8600';

export default defineConfig({
  plugins: [svelte()],
  resolve: {
    alias: { $lib: '/src/lib', $components: '/src/components' },
    // Components are tested as browsers run them, not as a server would render them.
    ...(process.env.VITEST ? { conditions: ['browser'] } : {}),
  },
  build: {
    outDir: '../src/opensvh/serving/workbench/static',
    emptyOutDir: true,
    target: 'es2022',
    // The server's Content-Security-Policy takes nothing that is written into the page, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 400,
  },
  server: {
    // Names of the data folder's server are checked, so the page's own name is sent on as the server's.
    proxy: Object.fromEntries(
      ['/api', '/score', '/health', '/openapi.json'].map((path) => [path, { target: server, changeOrigin: true }]),
    ),
  },
  test: {
    environment: 'jsdom',
    testTimeout: 30_000,
    include: ['tests/**/*.test.ts', 'src/**/*.test.ts'],
    css: true,
  },
});
