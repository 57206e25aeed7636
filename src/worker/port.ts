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

interface NodeWorkers {
  readonly Worker: new (script: URL, options: { execArgv: string[] }) => NodeWorker;
}

/** The worker that a page from another origin may start: one that imports the script. */
let importingScript: string | undefined;

/**
 * Starts a worker that runs `worker.ts`.
 *
 * @throws when the engine has no workers or refuses one
 */
export function startWorker(): WorkerLike {
  const node = nodeWorkers();
  // Without the loaders of the process: the script is plain JavaScript.
  if (node) return new node.Worker(new URL(scriptAddress()), { execArgv: [] });
  try {
    // Written out, because bundlers look for exactly this expression.
    return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== 'SecurityError') throw error;
    const source = `import ${JSON.stringify(scriptAddress())};`;
    importingScript ??= URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
    return new Worker(importingScript, { type: 'module' });
  }
}

/** The script beside this module. Not written as bundlers know it, or they would add it a second time as a mere file. */
function scriptAddress(): string {
  return import.meta.url.replace(/[^/]*$/, 'worker.js');
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
