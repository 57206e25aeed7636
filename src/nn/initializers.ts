import { checkKeys, checkName, checkNumber } from '../checks.ts';
import { describe } from '../errors.ts';
import type { InitialValues } from '../plan/parameters.ts';

/**
 * Named ways to draw the starting weights of a layer with n_in inputs and n_out units. Biases start at zero unless said otherwise.
 *
 * | name | weights | source |
 * | --- | --- | --- |
 * | `glorotUniform` | uniform ±√(6/(n_in+n_out)) | Glorot and Bengio 2010 |
 * | `glorotNormal` | normal, variance 2/(n_in+n_out) | the same |
 * | `heUniform` | uniform ±√(6/n_in) | He et al. 2015 |
 * | `heNormal` | normal, variance 2/n_in | the same |
 * | `lecunUniform` | uniform ±√(3/n_in) | LeCun et al. 1998 |
 * | `lecunNormal` | normal, variance 1/n_in | the same |
 * | `nielsen` | normal, variance 1/n_in; biases normal, variance 1 | Nielsen, chapter 3 |
 * | `nielsenLarge` | normal, variance 1; biases too | Nielsen, chapter 1 |
 * | `pytorch` | uniform ±1/√n_out; biases too | PyTorch's recurrent layers |
 * | `orthogonal` | orthonormal rows or columns, gate by gate, uniformly distributed | Saxe et al. 2014 |
 * | `zeros` | 0 | |
 */
export type InitializerName =
  | 'glorotUniform'
  | 'glorotNormal'
  | 'heUniform'
  | 'heNormal'
  | 'lecunUniform'
  | 'lecunNormal'
  | 'nielsen'
  | 'nielsenLarge'
  | 'pytorch'
  | 'orthogonal'
  | 'zeros';

/** Uniform numbers in [low, high). */
export interface Uniform {
  readonly kind: 'uniform';
  readonly low: number;
  readonly high: number;
}

/** Normal numbers. */
export interface Normal {
  readonly kind: 'normal';
  readonly mean: number;
  readonly deviation: number;
}

/** Explicit values: a matrix `[units][inputs]`, or all values row-major. */
export type ExplicitValues = readonly (readonly number[])[] | ArrayLike<number>;

/** How one parameter starts. */
export type Initializer = InitializerName | Uniform | Normal | ExplicitValues;

/** How a layer's parameters start: one initialiser for the weights, or one for each parameter. */
export type LayerInitializer =
  InitializerName | Uniform | Normal | { readonly W?: Initializer; readonly b?: Initializer };

/** The same for a recurrent layer: a name applies to `Wx` and `Wh` alike. */
export type RecurrentInitializer =
  | InitializerName
  | Uniform
  | Normal
  | {
      readonly Wx?: Initializer;
      readonly Wh?: Initializer;
      readonly b?: Initializer;
      readonly bh?: Initializer;
      readonly h0?: Initializer;
      readonly c0?: Initializer;
    };

/** One parameter of a layer, for choosing its starting values. */
export interface ParameterDraw {
  /** Its name within the layer, and those of all the layer's parameters. */
  readonly letter: string;
  readonly letters: readonly string[];
  readonly bias: boolean;
  /** `[units, inputs]` or `[units]`. */
  readonly shape: readonly number[];
  /** Inputs and units of the neurons that n_in and n_out mean; of one gate where there are several. */
  readonly inputs: number;
  readonly units: number;
  /** What it is where the option leaves it out. */
  readonly fallback: InitializerName | InitialValues;
  /** Path of the option for error messages. */
  readonly where: string;
}

/**
 * Starting values drawn uniformly from [low, high).
 *
 * @throws {TypeError | RangeError} for bounds that are not finite numbers, or low > high
 * @example
 * ```ts
 * dense(30, 'sigmoid', { init: uniform(-0.1, 0.1) });
 * ```
 */
export function uniform(low: number = -0.05, high: number = 0.05): Uniform {
  checkNumber(low, 'uniform: low');
  checkNumber(high, 'uniform: high', { low });
  return { kind: 'uniform', low, high };
}

/**
 * Starting values drawn from a normal distribution.
 *
 * @throws {TypeError | RangeError} when the mean is not finite or the deviation is not a finite number ≥ 0
 * @example
 * ```ts
 * dense(30, 'sigmoid', { init: { W: normal(0, 0.1), b: normal(0, 1) } });
 * ```
 */
export function normal(mean: number = 0, deviation: number = 0.05): Normal {
  checkNumber(mean, 'normal: mean');
  checkNumber(deviation, 'normal: deviation', { low: 0 });
  return { kind: 'normal', mean, deviation };
}

type Draw = (inputs: number, units: number) => InitialValues;

const symmetric = (bound: number): InitialValues => ({ kind: 'uniform', low: -bound, high: bound });
const centred = (variance: number): InitialValues => ({
  kind: 'normal',
  mean: 0,
  deviation: Math.sqrt(variance),
});
const zeros: Draw = () => ({ kind: 'zeros' });

/** Without `bias`, biases are what the layer makes of them otherwise: zero, mostly. */
const named: Readonly<Record<InitializerName, { weights: Draw; bias?: Draw }>> = {
  glorotUniform: {
    weights: (inputs, units) => symmetric(Math.sqrt(6 / (inputs + units))),
  },
  glorotNormal: { weights: (inputs, units) => centred(2 / (inputs + units)) },
  heUniform: { weights: (inputs) => symmetric(Math.sqrt(6 / inputs)) },
  heNormal: { weights: (inputs) => centred(2 / inputs) },
  lecunUniform: { weights: (inputs) => symmetric(Math.sqrt(3 / inputs)) },
  lecunNormal: { weights: (inputs) => centred(1 / inputs) },
  nielsen: { weights: (inputs) => centred(1 / inputs), bias: () => centred(1) },
  nielsenLarge: { weights: () => centred(1), bias: () => centred(1) },
  pytorch: {
    weights: (_inputs, units) => symmetric(1 / Math.sqrt(units)),
    bias: (_inputs, units) => symmetric(1 / Math.sqrt(units)),
  },
  orthogonal: { weights: () => ({ kind: 'orthogonal' }) },
  zeros: { weights: zeros, bias: zeros },
};

/** All names, for error messages and tests. */
export const initializerNames: readonly InitializerName[] = Object.keys(named) as InitializerName[];

/**
 * Resolves a layer's `init` option for one of its parameters. Names and distributions apply to the weights, and to biases where the
 * table says so.
 */
export function initialValues(init: unknown, parameter: ParameterDraw): InitialValues {
  const { letter, letters, bias, shape, fallback, where } = parameter;
  if (init === undefined) return drawn(fallback, parameter, where);
  if (typeof init === 'string') return drawn(init, parameter, where);
  if (typeof init === 'object' && init !== null && 'kind' in init) {
    return bias ? drawn(fallback, parameter, where) : distribution(init, where);
  }
  checkKeys(init, letters, where);
  const own = (init as Record<string, Initializer | undefined>)[letter];
  const path = `${where}.${letter}`;
  if (own === undefined) return drawn(fallback, parameter, path);
  if (typeof own === 'string') return drawn(own, parameter, path);
  if (typeof own === 'object' && own !== null && 'kind' in own) return distribution(own, path);
  return { kind: 'values', values: explicit(own, shape, path) };
}

function drawn(
  name: string | InitialValues,
  { bias, inputs, units, fallback }: ParameterDraw,
  where: string,
): InitialValues {
  if (typeof name !== 'string') return name;
  const draws = named[checkName(name, initializerNames, where)];
  if (!bias) return draws.weights(inputs, units);
  if (draws.bias) return draws.bias(inputs, units);
  return typeof fallback === 'string' ? { kind: 'zeros' } : fallback;
}

function distribution(value: object, where: string): Uniform | Normal {
  const kind = checkName((value as Uniform | Normal).kind, ['uniform', 'normal'] as const, where);
  if (kind === 'uniform') {
    checkKeys(value, ['kind', 'low', 'high'], where);
    const { low, high } = value as Uniform;
    return uniform(low, high);
  }
  checkKeys(value, ['kind', 'mean', 'deviation'], where);
  const { mean, deviation } = value as Normal;
  return normal(mean, deviation);
}

/** Checks explicit values against the parameter's shape, which the caller's nesting may follow or flatten. */
function explicit(value: ExplicitValues, shape: readonly number[], where: string): Float32Array {
  const nested = Array.isArray(value) && Array.isArray(value[0]);
  if (!Array.isArray(value) && !ArrayBuffer.isView(value)) {
    throw new TypeError(`${where}: expected an initialiser or values, got ${describe(value)}.`);
  }
  if (nested) {
    for (const [row, cells] of (value as readonly (readonly number[])[]).entries()) {
      if (cells.length === shape[1]) continue;
      throw new RangeError(`${where}[${row}]: expected ${shape[1]} values, got ${cells.length}.`);
    }
  }
  const flat = nested
    ? (value as readonly (readonly number[])[]).flat()
    : (value as ArrayLike<number>);
  const expected = shape.reduce((product, size) => product * size, 1);
  if (flat.length !== expected) {
    throw new RangeError(
      `${where}: expected ${expected} values of shape [${shape.join(', ')}], got ${flat.length}.`,
    );
  }
  return finiteValues(flat, where);
}

/** Copies values to f32 and checks that every one is a finite number there. */
export function finiteValues(values: ArrayLike<number>, where: string): Float32Array {
  const copy = Float32Array.from(values);
  for (let index = 0; index < copy.length; index++) {
    if (typeof values[index] !== 'number') {
      throw new TypeError(`${where}[${index}]: expected a number, got ${describe(values[index])}.`);
    }
    if (!Number.isFinite(copy[index]!)) {
      throw new RangeError(
        `${where}[${index}]: expected a finite 32-bit number, got ${values[index]}.`,
      );
    }
  }
  return copy;
}
