import type { ParameterCheck } from './report.ts';

/** Relative error up to which a number counts as right, whatever its parameter. */
const TOLERANCE = 1e-4;

/** What is known of one compared number. */
export interface Compared {
  /** Its index in the flat parameter. */
  readonly index: number;
  readonly got: number;
  readonly expected: number;
  /** Takes the difference over a shorter distance. */
  readonly closer?: () => Difference;
}

/** A derivative by differences. */
export interface Difference {
  /** To both sides: the central difference. */
  readonly expected: number;
  /** To either side. They differ on a kink, and every number between them is right there. */
  readonly slopes: readonly [number, number];
}

/**
 * Judges the compared numbers of one parameter.
 *
 * @param noise - how far such a number and the expected one may lie apart by rounding
 */
export function judge(
  { name, shape }: { readonly name: string; readonly shape: readonly number[] },
  compared: readonly Compared[],
  noise: number,
): ParameterCheck {
  const largest = Math.max(...compared.map(({ expected }) => Math.abs(expected)));
  const allowed = TOLERANCE * largest + noise;
  const scale = largest || 1;
  const errors = compared.map((number) => errorOf(number, allowed));
  const worst = errors.reduce((best, { error }, i) => (error <= errors[best]!.error ? best : i), 0);
  const { index, got, expected } = compared[worst]!;
  const { error } = errors[worst]!;
  return {
    name,
    checked: compared.length,
    count: shape.reduce((product, size) => product * size, 1),
    kinks: errors.filter(({ onKink }) => onKink).length,
    worst: { index: unflatten(index, shape), got, expected },
    relativeError: error / scale,
    limit: allowed / scale,
    verdict: error <= allowed ? 'right' : 'wrong',
  };
}

/** The error of a compared number; on a kink, its distance from the range of right answers. */
function errorOf(
  { got, expected, closer }: Compared,
  allowed: number,
): { error: number; onKink: boolean } {
  const error = Math.abs(got - expected);
  if (error <= allowed || !closer) return { error, onKink: false };
  const { expected: closerOne, slopes } = closer();
  const [low, high] = [Math.min(...slopes), Math.max(...slopes)];
  if (high - low <= allowed) return { error: Math.abs(got - closerOne), onKink: false };
  return { error: Math.max(0, low - got, got - high), onKink: true };
}

function unflatten(index: number, shape: readonly number[]): number[] {
  const indices: number[] = [];
  let rest = index;
  for (const size of [...shape].reverse()) {
    indices.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return indices;
}
