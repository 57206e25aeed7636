import { clipped, NetworkError } from '../errors.ts';

/** The error of a file that is not what it should be: what was expected, what came, where. */
export function badFile(where: string, problem: string, cause?: unknown): NetworkError {
  return new NetworkError('BAD_FILE', `${where}: ${problem}`, cause);
}

/** The error of a sound file that belongs to something else. */
export function mismatch(where: string, problem: string): NetworkError {
  return new NetworkError('MISMATCH', `${where}: ${problem}`);
}

/** A name out of a file in quotes, cut where it is long: nobody knows what a file holds. */
export function quote(name: string): string {
  return `'${clipped(name, 60)}'`;
}

/** A shape as messages print it: `[2, 3]`. */
export function shapeText(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return clipped(error instanceof Error ? error.message : String(error), 500);
}
