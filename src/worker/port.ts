import type { WorkerLike } from './options.ts';

/** What there is to hear from a worker. */
export interface PortEvents {
  message(data: unknown): void;
  /** The worker is no more, or never came to be. */
  ended(cause: unknown): void;
}

/** A worker as this library uses it, in Node and in browsers alike. */
export interface Port {
  post(message: unknown, transfer: ArrayBuffer[]): void;
  /** Whether the worker keeps a Node process alive. */
  keepAlive(wanted: boolean): void;
  terminate(): void;
}

/** What is used of a worker of Node. */
interface NodeWorker extends WorkerLike {
  on(event: 'message' | 'error' | 'exit', listener: (value: unknown) => void): void;
  ref(): void;
  unref(): void;
}

/** What is used of Node's module for workers. */
interface NodeWorkers {
  readonly Worker: new (script: URL, options: { execArgv: string[] }) => NodeWorker;
}

/** Of scripts from another origin: a script that imports it, which a page may start. */
const importing: Map<string, string> = new Map();

/**
 * Starts a worker that runs `worker.ts`.
 *
 * @throws when the engine has no workers or refuses one
 */
export function startWorker(): WorkerLike {
  // Written out, because bundlers look for exactly this expression.
  const start = (): Worker =>
    new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  return startScript(beside(import.meta.url, 'worker.js'), start);
}

/**
 * Starts a worker in Node by the address of its script, and in a browser as a bundler knows it or, where that is from another origin,
 * by its address too.
 *
 * @throws when the engine has no workers or refuses one
 */
export function startScript(address: string, start: () => Worker): WorkerLike {
  const node = nodeWorkers();
  // Without the loaders of the process: the script is plain JavaScript.
  if (node) return new node.Worker(new URL(address), { execArgv: [] });
  try {
    return start();
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== 'SecurityError') throw error;
    const source = `import ${JSON.stringify(address)};`;
    const script =
      importing.get(address) ??
      URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
    importing.set(address, script);
    return new Worker(script, { type: 'module' });
  }
}

/** The address of a script beside a module. Not written as bundlers know it, or they would add it a second time as a mere file. */
export function beside(module: string, script: string): string {
  return module.replace(/[^/]*$/, script);
}

/** Asked for at run time: an import of a module of Node would break bundles for browsers. */
function nodeWorkers(): NodeWorkers | undefined {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => NodeWorkers | undefined };
  };
  return process?.getBuiltinModule?.('node:worker_threads');
}

/** Listens to a worker of either kind. It does not keep a Node process alive until told so. */
export function connect(worker: WorkerLike, { message, ended }: PortEvents): Port {
  if (!isNodeWorker(worker)) return connectWeb(worker as Worker, { message, ended });
  worker.on('message', message);
  worker.on('error', ended);
  worker.on('exit', (code) => ended(`it ended with exit code ${String(code)}`));
  worker.unref();
  return {
    post: (data, transfer) => worker.postMessage(data, transfer),
    keepAlive: (wanted) => (wanted ? worker.ref() : worker.unref()),
    terminate: () => void worker.terminate(),
  };
}

function isNodeWorker(worker: WorkerLike): worker is NodeWorker {
  return 'on' in worker;
}

function connectWeb(worker: Worker, { message, ended }: PortEvents): Port {
  worker.addEventListener('message', ({ data }) => message(data));
  worker.addEventListener('messageerror', () => ended('a message could not be read'));
  worker.addEventListener('error', (event) => {
    event.preventDefault();
    ended(event.message ?? 'its script could not be loaded');
  });
  return {
    post: (data, transfer) => worker.postMessage(data, transfer),
    keepAlive() {},
    terminate: () => worker.terminate(),
  };
}
