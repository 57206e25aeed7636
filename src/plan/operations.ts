import * as abi from '../core/abi.ts';
import type { Parameter } from './parameters.ts';
import type { ProgramBuilder } from './program.ts';
import { roundUp, type Tensor } from './tensor.ts';

/**
 * The largest gradient that is applied, far beyond any useful one: its square, which most optimizers keep, is still an f32 number.
 * A parameter that is changed by less stays finite.
 */
export const LARGEST_GRADIENT: number = 2 ** 63;

/** The name of a matrix seen transposed: `W` and `Wᵀ` swap. */
export function transposed(name: string): string {
  return name.endsWith('ᵀ') ? name.slice(0, -1) : `${name}ᵀ`;
}

/** The left operand of a product with the instruction that suits it, and what to say of it in the listing. */
function leftOperand(a: Tensor): { opcode: number; a: Tensor; remark: string } {
  return a.nonzeros
    ? { opcode: abi.OP_SPARSE_MATMUL, a: a.nonzeros, remark: `, over the nonzero ${a.name}` }
    : { opcode: abi.OP_MATMUL, a, remark: '' };
}

/** out[m, n] = a[m, k] · b[k, n] + bias row. */
export function matmul(
  builder: ProgramBuilder,
  out: Tensor,
  a: Tensor,
  b: Tensor,
  bias?: Tensor,
): void {
  const { remark, ...left } = leftOperand(a);
  builder.emit({
    ...left,
    kind: abi.MATMUL_NN,
    out,
    b,
    ...(bias && { c: bias }),
    inner: a.columns,
    text: `${out.name} = ${a.name} · ${b.name}${bias ? ` + ${bias.name}` : ''}${remark}`,
  });
}

/** out[m, n] = a[m, k] · b[n, k]ᵀ: carries δ from a layer back to its inputs. */
export function matmulTransposedB(
  builder: ProgramBuilder,
  out: Tensor,
  a: Tensor,
  b: Tensor,
): void {
  builder.emit({
    opcode: abi.OP_MATMUL,
    kind: abi.MATMUL_NT,
    out,
    a,
    b,
    inner: a.width,
    text: `${out.name} = ${a.name} · ${transposed(b.name)}`,
  });
}

/**
 * ∂C/∂W = a_belowᵀ · δ, summed over the examples; nothing when W is not trainable.
 *
 * When the gradient's memory is the parameter's own, W += a_belowᵀ · δ, kept back until the whole backward pass has been checked:
 * neither this step nor that of the bias is larger than rows · max |δ| · max(1, max |a_below|).
 */
export function weightGradient(
  builder: ProgramBuilder,
  { value, gradient, trainable }: Parameter,
  below: Tensor,
  delta: Tensor,
): void {
  if (!trainable) return;
  const inPlace = gradient === value;
  if (inPlace) checkProduct(builder, delta, below);
  const { remark, ...left } = leftOperand(below);
  const instruction = {
    ...left,
    kind: abi.MATMUL_TN,
    out: gradient,
    b: delta,
    ...(inPlace && { c: gradient }),
    inner: below.rows,
    text: `${gradient.name} ${inPlace ? '+=' : '='} ${transposed(below.name)} · ${delta.name}${remark}`,
  };
  if (inPlace) builder.defer(instruction);
  else builder.emit(instruction);
}

/** ∂C/∂ a row that every example has, from dC/d of it for each, as {@link biasGradient}; nothing else checks these. */
export function rowGradient(builder: ProgramBuilder, parameter: Parameter, gradient: Tensor): void {
  const { trainable, value } = parameter;
  if (trainable && parameter.gradient === value) checkProduct(builder, gradient);
  biasGradient(builder, parameter, gradient);
}

/** Ends the run when a sum over examples of products of δ and the activations below might not be a finite number. */
function checkProduct(builder: ProgramBuilder, delta: Tensor, below?: Tensor): void {
  // Lists of nonzeros are made of the features only, in their order or with the steps reversed.
  const known = below !== undefined && (below === builder.input || !!below.nonzeros);
  builder.emit({
    opcode: abi.OP_CHECK_BOUND,
    a: delta,
    ...(known ? { kind: 1 } : below && { b: below, inner: below.width }),
    scale: LARGEST_GRADIENT,
    text: `stop here unless ${delta.rows} · max |${delta.name}|${below ? ` · max(1, max |${below.name}|)` : ''} ≤ ${LARGEST_GRADIENT.toExponential(0)}`,
  });
}

/** ∂C/∂b = Σ δ over the examples, or b += Σ δ, as {@link weightGradient}, which checks the same δ. */
export function biasGradient(
  builder: ProgramBuilder,
  { value, gradient, trainable }: Parameter,
  delta: Tensor,
): void {
  if (!trainable) return;
  const inPlace = gradient === value;
  const instruction = {
    opcode: abi.OP_COLUMN_SUMS,
    out: gradient,
    a: delta,
    ...(inPlace && { c: gradient }),
    rows: delta.rows,
    text: `${gradient.name} ${inPlace ? '+=' : '='} Σ ${delta.name} over examples`,
  };
  if (inPlace) builder.defer(instruction);
  else builder.emit(instruction);
}

/** out = a with rows and columns exchanged. The kernel works in blocks of `LANES` rows, for all of which there must be room. */
export function transpose(builder: ProgramBuilder, a: Tensor): Tensor {
  const out = builder.tensor(transposed(a.name), roundUp(a.width, abi.LANES), a.rows);
  builder.emit({
    opcode: abi.OP_TRANSPOSE,
    out,
    a,
    rows: a.rows,
    columns: a.width,
    text: `${out.name} = ${a.name} with rows and columns exchanged, once for all steps`,
  });
  return out;
}

/** Every row of out = row. */
export function repeatRow(builder: ProgramBuilder, out: Tensor, row: Tensor): void {
  builder.emit({
    opcode: abi.OP_MATMUL,
    kind: abi.MATMUL_NN,
    out,
    a: out,
    b: row,
    c: row,
    inner: 0,
    text: `${out.name} = ${row.name} in every row`,
  });
}

/** How the steps of a recurrent layer read weights: what is at b of their instruction, and its index. */
export interface StepWeights {
  readonly b: Tensor;
  readonly index: number;
}

/**
 * Weights for the products of all steps with so many rows: copied into panels once, where that repays.
 *
 * @param inner - their rows that the products take; panels are as high as that
 */
export function forSteps(
  builder: ProgramBuilder,
  weights: Tensor,
  rows: number,
  steps: number,
  inner: number = weights.rows,
): StepWeights {
  const { width, columns, gates } = weights;
  if (steps === 1 || rows <= abi.UNPACKED_ROWS || width <= abi.UNPACKED_COLUMNS) {
    return { b: weights, index: abi.MATMUL_NN };
  }
  const out = builder.tensor(`${weights.name} in panels`, inner, columns, { gates });
  builder.emit({
    opcode: abi.OP_PACK,
    out,
    a: weights,
    rows: inner,
    columns: width,
    text: `${out.name}, once for all steps`,
  });
  return { b: out, index: abi.MATMUL_PANELS };
}

/** out = a, or zeros. */
export function copy(builder: ProgramBuilder, out: Tensor, a?: Tensor): void {
  const text = `${out.name} = ${a?.name ?? 0}`;
  builder.emit({ opcode: abi.OP_COPY, out, ...(a && { a }), text });
}
