import * as abi from '../core/abi.ts';
import { readRows, roundUp, Tensor, writeRows } from './tensor.ts';

/** What a layer declares about one of its parameters. */
export interface ParameterSpec {
  /** Path in the network: `layers.0.W`. */
  readonly name: string;
  /** Shape as the user sees it: `[units, inputs]` for weights, `[units]` for a bias. */
  readonly shape: readonly number[];
  /** The units are those of so many gates, one gate after the other; 1 when absent. */
  readonly gates?: number;
  /** Stored as the user sees it, for looking rows up, instead of transposed. */
  readonly lookup?: boolean;
  /** Values at the start. */
  readonly initial: InitialValues;
  /** False: the parameter has no gradient and no update. */
  readonly trainable: boolean;
}

/** Whether a parameter is a matrix of weights, as opposed to a bias. */
export function isWeight({ shape }: ParameterSpec): boolean {
  return shape.length > 1;
}

/** How the starting values of a parameter are made: drawn from the seed, or given in the user's shape, row-major. */
export type InitialValues =
  | { readonly kind: 'zeros' }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly deviation: number }
  | { readonly kind: 'orthogonal' }
  | { readonly kind: 'values'; readonly values: ArrayLike<number> };

/**
 * One parameter in memory. A matrix is stored transposed, `[inputs, units]`: the forward pass then reads its rows in order,
 * and so do passes that visit nonzero inputs only. Each of `value`, `gradient` and `moments` has the same layout.
 */
export interface Parameter extends ParameterSpec {
  readonly value: Tensor;
  readonly gradient: Tensor;
}

/** One of the flat ranges that hold all parameters, all gradients, or all of one optimizer moment, in the same order. */
export interface FlatRange {
  readonly name: string;
  readonly tensor: Tensor;
}

/** Neighbouring trainable parameters, or a large one, as one-row tensors: what an update sweeps over. */
export interface Stretch {
  readonly parameters: Tensor;
  readonly gradients: Tensor;
  readonly moments: readonly [Tensor, Tensor];
  /** Bytes from the beginning of each of the flat ranges. */
  readonly offset: number;
}

/**
 * All parameters of a network, laid out once: the state block, scratch, then four equal ranges.
 *
 * ```
 *  ┌───────┬─────────┬────────────┬───────────┬──────────────┬───────────────┐
 *  │ state │ scratch │ parameters │ gradients │ first moment │ second moment │
 *  └───────┴─────────┴────────────┴───────────┴──────────────┴───────────────┘
 * ```
 *
 * One range is one sweep for an update and one copy for saving. Moments that an optimizer does not use are never touched, so
 * they cost address space, not memory.
 */
export class ParameterLayout {
  readonly parameters: readonly Parameter[];
  /** Whole ranges as one-row tensors. */
  readonly values: Tensor;
  readonly gradients: Tensor;
  readonly moments: readonly [Tensor, Tensor];
  /** The same ranges without the parameters that are not trainable: one stretch when all are and none is large. */
  readonly stretches: readonly Stretch[];
  /** Bytes of the region all this takes. */
  readonly bytes: number;
  readonly #rangeBytes: number;

  constructor(specs: readonly ParameterSpec[]) {
    this.parameters = specs.map((spec) => ({
      ...spec,
      value: storage(spec, ''),
      gradient: storage(spec, '∂C/∂'),
    }));
    const floats = this.parameters.reduce((sum, { value }) => sum + paddedLength(value), 0);
    this.#rangeBytes = floats * 4;
    this.values = new Tensor('parameters', 1, floats);
    this.gradients = new Tensor('gradients', 1, floats);
    this.moments = [new Tensor('moment', 1, floats), new Tensor('second moment', 1, floats)];
    this.stretches = stretchesOf(this.parameters);
    this.bytes = abi.STATE_BYTES + abi.SCRATCH_BYTES + 4 * this.#rangeBytes;
  }

  /** Gives everything its address, given the address of the region. */
  place(address: number): void {
    let range = address + abi.STATE_BYTES + abi.SCRATCH_BYTES;
    for (const tensor of [this.values, this.gradients, ...this.moments]) {
      tensor.address = range;
      range += this.#rangeBytes;
    }
    let offset = 0;
    for (const { value, gradient } of this.parameters) {
      value.address = this.values.address + offset;
      gradient.address = this.gradients.address + offset;
      offset += paddedLength(value) * 4;
    }
    for (const stretch of this.stretches) {
      stretch.parameters.address = this.values.address + stretch.offset;
      stretch.gradients.address = this.gradients.address + stretch.offset;
      for (const [index, moment] of stretch.moments.entries()) {
        moment.address = this.moments[index]!.address + stretch.offset;
      }
    }
  }

  /** The values of a flat range, parameter by parameter in the user's shape. {@link join} puts them together again, to the bit. */
  split(range: Float32Array): Float32Array[] {
    const { buffer } = range.slice();
    return this.parameters.map((parameter) => readParameter(buffer, this.#inRange(parameter)));
  }

  /** A flat range of the values of its parameters. */
  join(values: readonly Float32Array[]): Float32Array {
    const range = new Float32Array(this.values.length);
    for (const [index, parameter] of this.parameters.entries()) {
      writeStored(range.buffer, this.#inRange(parameter), values[index]!);
    }
    return range;
  }

  /** Where a parameter is in a flat range that stands alone. */
  #inRange(parameter: Parameter): Tensor {
    const stored = storage(parameter, '');
    stored.address = parameter.value.address - this.values.address;
    return stored;
  }

  /** The parameters with their own memory in place of a gradient's, for updates that need none. */
  inPlace(): Parameter[] {
    return this.parameters.map((parameter) => ({ ...parameter, gradient: parameter.value }));
  }

  /** Number of parameters the user sees, padding not counted. */
  get count(): number {
    return this.parameters.reduce((sum, { value }) => sum + value.rows * value.columns, 0);
  }
}

/**
 * A parameter of so many floats is a stretch of its own. Threads that share its update then cut it where they have cut its gradient,
 * so that most of both stays with one core; for less, another instruction costs more than that.
 */
const LARGE = 32_768;

/** Joins neighbouring trainable parameters that are not large. */
function stretchesOf(parameters: readonly Parameter[]): Stretch[] {
  const stretches: Stretch[] = [];
  let offset = 0;
  let floats = 0;
  const end = (): void => {
    if (floats > 0) stretches.push(stretch(offset - floats * 4, floats));
    floats = 0;
  };
  for (const { value, trainable } of parameters) {
    const length = paddedLength(value);
    const alone = !trainable || length >= LARGE;
    if (alone) end();
    offset += length * 4;
    if (trainable) floats += length;
    if (alone) end();
  }
  end();
  return stretches;
}

function stretch(offset: number, floats: number): Stretch {
  return {
    parameters: new Tensor('parameters', 1, floats),
    gradients: new Tensor('gradients', 1, floats),
    moments: [new Tensor('moment', 1, floats), new Tensor('second moment', 1, floats)],
    offset,
  };
}

/** Floats of a tensor, rounded up so that the next one is aligned. */
function paddedLength(tensor: Tensor): number {
  return roundUp(tensor.length, abi.ALIGNMENT / 4);
}

/** The stored form of a parameter: a matrix transposed, a vector as one row, rows to look up as they are. */
function storage(spec: ParameterSpec, prefix: string): Tensor {
  const { name, shape, gates = 1, lookup = false } = spec;
  const [units = 0, inputs] = shape;
  if (lookup) return new Tensor(prefix + name, units, inputs!, { transposed: false });
  return inputs === undefined
    ? new Tensor(prefix + name, 1, units, { gates })
    : new Tensor(`${prefix}${name}ᵀ`, inputs, units, { gates });
}

/** Copies a parameter, a gradient or a moment out of memory in the user's shape, row-major. */
export function readParameter(buffer: ArrayBuffer, stored: Tensor): Float32Array {
  const { rows: inputs, columns: units, stride } = stored;
  const source = stored.view(buffer);
  if (!stored.transposed) {
    const values = new Float32Array(inputs * units);
    readRows(buffer, stored, values);
    return values;
  }
  const values = new Float32Array(inputs * units);
  for (let unit = 0; unit < units; unit++) {
    const column = stored.position(unit);
    for (let input = 0; input < inputs; input++) {
      values[unit * inputs + input] = source[input * stride + column]!;
    }
  }
  return values;
}

/**
 * Writes values in the user's shape, row-major, to a stored parameter.
 *
 * −0 becomes 0. No update makes a −0 out of anything else, so no parameter is ever −0, and leaving out a product with a zero
 * input changes no bit of a sum.
 */
export function writeParameter(
  buffer: ArrayBuffer,
  stored: Tensor,
  values: ArrayLike<number>,
): void {
  writeStored(
    buffer,
    stored,
    Float32Array.from(values, (value) => value + 0),
  );
}

/** Writes values in the user's shape, as they are. */
function writeStored(buffer: ArrayBuffer, stored: Tensor, values: Float32Array): void {
  const { rows: inputs, columns: units, stride } = stored;
  if (!stored.transposed) return writeRows(buffer, stored, values);
  const target = stored.view(buffer);
  for (let unit = 0; unit < units; unit++) {
    const column = stored.position(unit);
    for (let input = 0; input < inputs; input++) {
      target[input * stride + column] = values[unit * inputs + input]!;
    }
  }
}
