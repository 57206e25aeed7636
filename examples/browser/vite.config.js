import { defineConfig } from 'vite';

/** Threads share memory, which a page may only when it is isolated from other sites. */
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  // Also where the page is not at the root of its server.
  base: './',
  build: { target: 'es2022', assetsInlineLimit: 0 },
  server: { fs: { allow: ['../..'] }, headers },
  preview: { headers },
});
