// Sums and counts over the rows of a matrix. All of them ascend over the rows, so their bits depend on nothing else.

/**
 * out[j] = start[j] + Σᵢ a[i, j], the bias gradient of a delta: adds one rounded row after the other to what is in out when start
 * is out, and to 0 when start is 0.
 *
 * Runs over whole vectors: the padding of a must be zero, and that of out becomes zero.
 * Rows are the outer loop: a is read once in the order of memory while out stays in the first-level cache.
 */
export function columnSums(
  out: usize,
  a: usize,
  start: usize,
  rows: i32,
  columns: i32,
  aStride: i32,
): void {
  const bytes = ((<usize>(columns + 3)) & ~3) << 2;
  const aBytes = (<usize>aStride) << 2;
  if (start != out) memory.fill(out, 0, bytes);
  const end = out + bytes;
  for (let i = 0; i < rows; i++, a += aBytes) {
    let from = a;
    for (let sum = out; sum < end; sum += 16, from += 16) {
      v128.store(sum, f32x4.add(v128.load(sum), v128.load(from)));
    }
  }
}

/** start + Σ costs[rows] in double precision; not finite as soon as one cost is not. */
export function sumCosts(start: f64, costs: usize, rows: i32): f64 {
  const end = costs + ((<usize>rows) << 2);
  let sum = start;
  for (; costs < end; costs += 4) sum += <f64>load<f32>(costs);
  return sum;
}

/**
 * The number of rows whose prediction a agrees with the target b.
 *
 * One column: a ≥ threshold says yes, b ≥ ½ is yes. More columns: the first maximum of both is in the same column.
 * A row of a with a NaN in it never agrees.
 */
export function countCorrect(
  a: usize,
  b: usize,
  rows: i32,
  columns: i32,
  aStride: i32,
  bStride: i32,
  threshold: f32,
): i32 {
  const aBytes = (<usize>aStride) << 2;
  const bBytes = (<usize>bStride) << 2;
  let correct = 0;
  for (let i = 0; i < rows; i++, a += aBytes, b += bBytes) {
    if (columns == 1) {
      const prediction = load<f32>(a);
      const agrees = prediction >= threshold == load<f32>(b) >= 0.5;
      correct += i32(agrees && prediction == prediction);
    } else {
      const predicted = argmax(a, columns);
      correct += i32(predicted >= 0 && predicted == argmax(b, columns));
    }
  }
  return correct;
}

/** Column of the first maximum of a row, −1 when the row contains a NaN. */
function argmax(row: usize, columns: i32): i32 {
  let best = -1;
  let maximum = -f32.MAX_VALUE;
  for (let j = 0; j < columns; j++, row += 4) {
    const value = load<f32>(row);
    if (value != value) return -1;
    if (best < 0 || value > maximum) {
      best = j;
      maximum = value;
    }
  }
  return best;
}
