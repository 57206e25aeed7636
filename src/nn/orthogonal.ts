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
  // Column by column: a column stays in the cache while a reflection is applied to it.
  const q = new Float64Array(columns * rows);
  const v = new Float64Array(rows);
  const scaled = new Float64Array(rows);
  for (let first = columns - 1; first >= 0; first--) {
    let square = 0;
    for (let row = first; row < rows; row++) {
      v[row] = normals[row * columns + first]!;
      square += v[row]! ** 2;
    }
    const norm = Math.sqrt(square);
    const sign = v[first]! < 0 ? -1 : 1;
    // H x = −sign ‖x‖ e for v = x + sign ‖x‖ e; the sign of the unit vector makes the column point along x.
    q[first * rows + first] = -sign;
    if (norm === 0) continue;
    v[first]! += sign * norm;
    const factor = 1 / (norm * Math.abs(v[first]!));
    for (let row = first; row < rows; row++) scaled[row] = factor * v[row]!;
    reflect(q, v, scaled, first, rows, columns);
  }
  return transposed(q, columns, rows);
}

/** Q ← Q − w vᵀ Q over the rows and columns from `first` on; w = v · 2/vᵀv. Four columns at a time, whose sums do not wait for each other. */
function reflect(
  q: Float64Array,
  v: Float64Array,
  w: Float64Array,
  first: number,
  rows: number,
  columns: number,
): void {
  let column = first;
  for (; column + 4 <= columns; column += 4) {
    const q0 = column * rows;
    const [q1, q2, q3] = [q0 + rows, q0 + 2 * rows, q0 + 3 * rows];
    let [p0, p1, p2, p3] = [0, 0, 0, 0];
    for (let row = first; row < rows; row++) {
      const weight = v[row]!;
      p0 += weight * q[q0 + row]!;
      p1 += weight * q[q1 + row]!;
      p2 += weight * q[q2 + row]!;
      p3 += weight * q[q3 + row]!;
    }
    for (let row = first; row < rows; row++) {
      const weight = w[row]!;
      q[q0 + row]! -= weight * p0;
      q[q1 + row]! -= weight * p1;
      q[q2 + row]! -= weight * p2;
      q[q3 + row]! -= weight * p3;
    }
  }
  for (; column < columns; column++) {
    const start = column * rows;
    let projection = 0;
    for (let row = first; row < rows; row++) projection += v[row]! * q[start + row]!;
    for (let row = first; row < rows; row++) q[start + row]! -= w[row]! * projection;
  }
}

function transposed(matrix: Float64Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(matrix.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      result[column * rows + row] = matrix[row * columns + column]!;
    }
  }
  return result;
}
