/**
 * The middle value, or the mean of the two middle ones.
 *
 * @param {readonly number[]} values - at least one
 */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * The largest difference, relative to the largest number.
 *
 * @param {ArrayLike<number>} values
 * @param {ArrayLike<number>} reference
 */
export function largestDifference(values, reference) {
  if (values.length !== reference.length) return Infinity;
  const scale = largest(reference);
  return largest(Array.from(values, (value, index) => value - reference[index])) / scale;
}

/**
 * The largest magnitude; NaN when there is one among the values.
 *
 * @param {ArrayLike<number>} values
 */
function largest(values) {
  return Array.from(values, Math.abs).reduce((most, value) => Math.max(most, value), 0);
}
