// Builds the console into plain files that the program carries (cmake/console.cmake). Same sources and
// lock file, same files: no dates, no machine's paths, no source maps.
import { defineConfig } from 'vite';

export default defineConfig({
  base: '/console/',
  publicDir: false,
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none' },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 600,
  },
  worker: { format: 'es' },
  server: { proxy: { '/api': 'http://localhost:7701' } },
});
