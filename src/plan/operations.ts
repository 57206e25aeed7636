import * as abi from '../core/abi.ts';
import type { ProgramBuilder } from './program.ts';
import type { Tensor } from './tensor.ts';

/** The name of a matrix seen transposed: `W` and `Wᵀ` swap. */
function transposed(name: string): string {
  return name.endsWith('ᵀ') ? name.slice(0, -1) : `${name}ᵀ`;
}

/** out[m, n] = a[m, k] · b[k, n] + bias row. */
export function matmul(
  builder: ProgramBuilder,
  out: Tensor,
  a: Tensor,
  b: Tensor,
  bias?: Tensor,
): void {
  builder.emit({
    opcode: abi.OP_MATMUL,
    kind: abi.MATMUL_NN,
    out,
    a,
    b,
    ...(bias && { c: bias }),
    inner: a.columns,
    text: `${out.name} = ${a.name} · ${b.name}${bias ? ` + ${bias.name}` : ''}`,
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

/** out[m, n] = a[k, m]ᵀ · b[k, n]: sums a weight gradient over the k examples. */
export function matmulTransposedA(
  builder: ProgramBuilder,
  out: Tensor,
  a: Tensor,
  b: Tensor,
): void {
  builder.emit({
    opcode: abi.OP_MATMUL,
    kind: abi.MATMUL_TN,
    out,
    a,
    b,
    inner: a.rows,
    text: `${out.name} = ${transposed(a.name)} · ${b.name}`,
  });
}

/** out[n] = Σ over the rows of a[m, n]. */
export function columnSums(builder: ProgramBuilder, out: Tensor, a: Tensor): void {
  builder.emit({
    opcode: abi.OP_COLUMN_SUMS,
    out,
    a,
    rows: a.rows,
    text: `${out.name} = Σ ${a.name} over examples`,
  });
}
