import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const hub = 'http://127.0.0.1:3000';

export default defineConfig({
  base: '/',
  plugins: [react()],
  // The SDK is compiled from its source, so that one build sees every type and drops what it does not use.
  resolve: { conditions: ['source', 'module', 'browser', 'development|production'] },
  build: {
    outDir: 'dist/app',
    target: 'es2022',
    // The map alone is larger than the usual limit; it is a chunk of its own, loaded by the map page.
    chunkSizeWarningLimit: 1200,
    // A data: URL would need a wider Content-Security-Policy than the hub's.
    assetsInlineLimit: 0,
  },
  worker: { format: 'es' },
  server: {
    proxy: {
      '/api': hub,
      '/docs': hub,
      '/socket.io': { target: hub, ws: true },
    },
  },
});
