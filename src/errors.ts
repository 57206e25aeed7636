/** What kind of wrong state a {@link NetworkError} reports. */
export type NetworkErrorCode =
  | 'BUSY'
  | 'DISPOSED'
  | 'DIVERGED'
  /** A run that has come to its end was asked to go on. */
  | 'ENDED'
  | 'NOT_FITTED'
  | 'OUT_OF_MEMORY'
  /** A worker that was training, or helped to, has ended or says nothing any more. */
  | 'WORKER_LOST'
  /** A file is damaged, or no file of this kind. */
  | 'BAD_FILE'
  /** A sound file belongs to another network, other options or other data. */
  | 'MISMATCH'
  /** A checkpoint cannot be written. */
  | 'WRITE_FAILED';

/**
 * A network was asked for something its present state does not allow, training left the finite numbers, or a file cannot be used.
 *
 * Wrong arguments are `TypeError` (wrong type) or `RangeError` (wrong value) instead.
 *
 * @example
 * ```ts
 * const net = new Network({ input: 1, layers: [dense(1)], loss: 'halfSquaredError' });
 * net.dispose();
 * try {
 *   net.predict([[1]]);
 * } catch (error) {
 *   if (error instanceof NetworkError) error.code; // 'DISPOSED'
 * }
 * ```
 */
export class NetworkError extends Error {
  override readonly name: string = 'NetworkError';

  /** Stable, machine-readable reason. */
  readonly code: NetworkErrorCode;

  constructor(code: NetworkErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/**
 * The error of something that the small entries of the package leave out.
 *
 * @param what - path of the option, and what it asks for
 */
export function leftOut(what: string): RangeError {
  return new RangeError(
    `${what}: not part of this entry of the package, which is small. Import Network from 'chainrule'.`,
  );
}

/** A short description of a value for error messages: its type, and the value itself where that is short. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `an array of length ${value.length}`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name} of ${value.byteLength} bytes`;
  if (typeof value === 'string') return JSON.stringify(clipped(value));
  if (typeof value === 'object') {
    return `an object with keys ${clipped(Object.keys(value).join(', '))}`;
  }
  return typeof value === 'function' ? 'a function' : String(value);
}

/** Longest piece of somebody's data that a message repeats. */
const LONGEST_TEXT = 200;

/** A text, cut where it is so long that it would hide the message. */
export function clipped(text: string, length: number = LONGEST_TEXT): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

/** " Did you mean 'x'?" for the candidate closest to what was written, or '' when none is close. */
export function suggestion(written: string, candidates: readonly string[]): string {
  if (written.length > LONGEST_TEXT) return '';
  const ranked = candidates
    .map((candidate) => ({
      candidate,
      distance: editDistance(written.toLowerCase(), candidate.toLowerCase()),
    }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  // A distance of the whole length is another word altogether.
  const limit = Math.min(Math.max(2, written.length >> 1), written.length - 1);
  const close = best !== undefined && best.distance <= limit;
  return close ? ` Did you mean '${best.candidate}'?` : '';
}

/** Levenshtein's distance: insertions, deletions and replacements that turn one word into the other. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const current = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = previous[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[j]! + 1, current[j - 1]! + 1));
    }
    previous = current;
  }
  return previous[to.length]!;
}
