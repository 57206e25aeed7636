import { spawnSync } from 'node:child_process';

/** How an example ended and what it wrote. */
export interface Output {
  readonly status: number | null;
  readonly out: string;
  readonly error: string;
}

/** Runs an example as a user does, on the built package. */
export function runExample(name: string, ...options: string[]): Output {
  const child = spawnSync(process.execPath, [`examples/${name}/main.mjs`, ...options], {
    encoding: 'utf8',
  });
  return { status: child.status, out: child.stdout, error: child.stderr };
}
