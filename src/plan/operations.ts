import * as abi from '../core/abi.ts';
import type { Parameter } from './parameters.ts';
import type { ProgramBuilder } from './program.ts';
import type { Tensor } from './tensor.ts';

/** The name of a matrix seen transposed: `W` and `Wᵀ` swap. */
function transposed(name: string): string {
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
    inner: a.columns,
    text: `${out.name} = ${a.name} · ${transposed(b.name)}`,
  });
}

/** ∂C/∂W = a_belowᵀ · δ, summed over the examples; or, when the gradient's memory is the parameter's own, W += a_belowᵀ · δ. */
export function weightGradient(
  builder: ProgramBuilder,
  { value, gradient }: Parameter,
  below: Tensor,
  delta: Tensor,
): void {
  const inPlace = gradient === value;
  const { remark, ...left } = leftOperand(below);
  builder.emit({
    ...left,
    kind: abi.MATMUL_TN,
    out: gradient,
    b: delta,
    ...(inPlace && { c: gradient }),
    inner: below.rows,
    text: `${gradient.name} ${inPlace ? '+=' : '='} ${transposed(below.name)} · ${delta.name}${remark}`,
  });
}

/** ∂C/∂b = Σ δ over the examples; or, when the gradient's memory is the parameter's own, b += Σ δ. */
export function biasGradient(
  builder: ProgramBuilder,
  { value, gradient }: Parameter,
  delta: Tensor,
): void {
  const inPlace = gradient === value;
  builder.emit({
    opcode: abi.OP_COLUMN_SUMS,
    out: gradient,
    a: delta,
    ...(inPlace && { c: gradient }),
    rows: delta.rows,
    text: `${gradient.name} ${inPlace ? '+=' : '='} Σ ${delta.name} over examples`,
  });
}
