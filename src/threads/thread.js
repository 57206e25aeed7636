/**
 * The script of a helper thread (see `team.ts`), in Node and in browsers. Plain JavaScript without an import, so that it runs as it
 * stands from the sources, from the published package and from where a bundler puts it.
 */

/** @typedef {{ module: WebAssembly.Module, memory: WebAssembly.Memory, team: number, slot: number }} Job */

/** @typedef {{ onmessage: (event: { data: Job }) => void, postMessage(message: string): void }} Port */

/** Where messages come from: the port to the parent in Node, the global scope in browsers. */
const node = globalThis.process?.getBuiltinModule?.('node:worker_threads');
const port = /** @type {Port} */ (/** @type {unknown} */ (node?.parentPort ?? globalThis));

port.onmessage = (/** @type {{ data: Job }} */ { data: { module, memory, team, slot } }) => {
  const instance = new WebAssembly.Instance(module, { env: { memory } });
  // V8 forgets to tell an arriving thread when memory grows on its way: instructions that look at the size would end it. Growing, if
  // by nothing, looks anew; from here on it is told.
  memory.grow(0);
  const { help } = /** @type {{ help(team: number, slot: number): void }} */ (
    /** @type {unknown} */ (instance.exports)
  );
  // Returns when the leader sends this helper away; until then the thread is deaf to messages.
  help(team, slot);
};
port.postMessage('ready');
