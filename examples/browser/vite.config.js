import { defineConfig } from 'vite';

export default defineConfig({
  // Also where the page is not at the root of its server.
  base: './',
  build: { target: 'es2022', assetsInlineLimit: 0 },
  server: { fs: { allow: ['../..'] } },
});
