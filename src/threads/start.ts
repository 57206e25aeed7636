import { beside, connect, type Port, type PortEvents, startScript } from '../worker/port.ts';

/**
 * Starts a helper thread, which runs `thread.js`. It does not keep a Node process alive.
 *
 * @throws when the engine has no workers or refuses one
 */
export function startThread(events: PortEvents): Port {
  // Written out, because bundlers look for exactly this expression.
  const start = (): Worker =>
    new Worker(new URL('./thread.js', import.meta.url), { type: 'module' });
  return connect(startScript(beside(import.meta.url, 'thread.js'), start), events);
}
