/**
 * A random matrix with orthonormal columns, uniformly distributed among all of them, from normal random numbers (Stewart 1980).
 *
 * Q is the product of Householder reflections H₀ H₁ … whose first columns point in random directions, applied to the first
 * `columns` unit vectors; about 4 · rows · columns² operations. In double precision with + − × ÷ √ only: the same bits everywhere.
 *
 * @param normals - rows × columns independent standard normal numbers, row-major
 * @param rows - at least `columns`
 * @returns Q, row-major
 */
export function orthonormalColumns(
  normals: ArrayLike<number>,
  rows: number,
  columns: number,
): Float64Array {
  const q = new Float64Array(rows * columns);
  const v = new Float64Array(rows);
  const projections = new Float64Array(columns);
  for (let first = columns - 1; first >= 0; first--) {
    let square = 0;
    for (let row = first; row < rows; row++) {
      v[row] = normals[row * columns + first]!;
      square += v[row]! ** 2;
    }
    const norm = Math.sqrt(square);
    const sign = v[first]! < 0 ? -1 : 1;
    // H x = −sign ‖x‖ e for v = x + sign ‖x‖ e; the sign of the unit vector makes the column point along x.
    q[first * columns + first] = -sign;
    if (norm === 0) continue;
    v[first]! += sign * norm;
    reflect(q, v, projections, first, rows, columns, 1 / (norm * Math.abs(v[first]!)));
  }
  return q;
}

/** Q ← Q − factor · v vᵀ Q over the rows and columns from `first` on; factor = 2/vᵀv. */
function reflect(
  q: Float64Array,
  v: Float64Array,
  projections: Float64Array,
  first: number,
  rows: number,
  columns: number,
  factor: number,
): void {
  projections.fill(0, first);
  for (let row = first; row < rows; row++) {
    const weight = v[row]!;
    const start = row * columns;
    for (let column = first; column < columns; column++) {
      projections[column]! += weight * q[start + column]!;
    }
  }
  for (let row = first; row < rows; row++) {
    const weight = factor * v[row]!;
    const start = row * columns;
    for (let column = first; column < columns; column++) {
      q[start + column]! -= weight * projections[column]!;
    }
  }
}
