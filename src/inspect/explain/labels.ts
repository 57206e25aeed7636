const DIGITS = '₀₁₂₃₄₅₆₇₈₉';

/** A whole number as subscript: `₁₂`. */
export function subscript(number: number): string {
  return Array.from(String(number), (digit) => DIGITS[Number(digit)]!).join('');
}

/** The weight's symbol: `w₂,₀` leads from neuron 0 to neuron 2. */
export function weightLabel(to: number, from: number): string {
  return `w${subscript(to)},${subscript(from)}`;
}
