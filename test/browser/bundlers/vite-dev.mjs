import { createServer } from 'vite';

// Isolated from other sites, which threads need.
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};
const server = await createServer({
  logLevel: 'warn',
  server: { host: '127.0.0.1', port: 0, headers },
});
await server.listen();
console.log(server.resolvedUrls.local[0]);
