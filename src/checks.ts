import { describe, suggestion } from './errors.ts';

/**
 * Checks that `options` is an object with known keys only.
 *
 * @param where - path of the options in the caller's code, such as `layers[1]`
 * @throws {TypeError} when it is no object or has an unknown key; names the nearest known one
 */
export function checkKeys(options: unknown, allowed: readonly string[], where: string): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`${where}: expected an object, got ${describe(options)}.`);
  }
  for (const key of Object.keys(options)) {
    if (allowed.includes(key)) continue;
    throw new TypeError(
      `${where}: unknown option '${key}'.${suggestion(key, allowed)} Known options: ${allowed.join(', ')}.`,
    );
  }
}

/** Checks that a value is one of the given names. Throws RangeError with the nearest name, TypeError for a non-string. */
export function checkName<T extends string>(value: unknown, names: readonly T[], where: string): T {
  if (typeof value !== 'string') {
    throw new TypeError(`${where}: expected one of ${names.join(', ')}, got ${describe(value)}.`);
  }
  if (!(names as readonly string[]).includes(value)) {
    throw new RangeError(
      `${where}: unknown name '${value}'.${suggestion(value, names)} Known names: ${names.join(', ')}.`,
    );
  }
  return value as T;
}

/** Checks a finite number within [low, high], or within (low, high] when `above` is set. */
export function checkNumber(
  value: unknown,
  where: string,
  range: { low?: number; high?: number; above?: boolean } = {},
): number {
  const { low = -Infinity, high = Infinity, above = false } = range;
  if (typeof value !== 'number') {
    throw new TypeError(`${where}: expected a number, got ${describe(value)}.`);
  }
  const inside = (above ? value > low : value >= low) && value <= high;
  if (!Number.isFinite(value) || !inside) {
    const lower = low === -Infinity ? '' : ` ${above ? '>' : '≥'} ${low}`;
    const upper = high === Infinity ? '' : `${lower && ' and'} ≤ ${high}`;
    throw new RangeError(`${where}: expected a finite number${lower}${upper}, got ${value}.`);
  }
  return value;
}

/** Checks a whole number within [low, high]. */
export function checkInteger(
  value: unknown,
  where: string,
  low: number,
  high: number = Number.MAX_SAFE_INTEGER,
): number {
  if (typeof value !== 'number') {
    throw new TypeError(`${where}: expected a whole number, got ${describe(value)}.`);
  }
  if (!Number.isInteger(value) || value < low || value > high) {
    const range = high === Number.MAX_SAFE_INTEGER ? `≥ ${low}` : `from ${low} to ${high}`;
    throw new RangeError(`${where}: expected a whole number ${range}, got ${value}.`);
  }
  return value;
}

/** Checks true or false. */
export function checkBoolean(value: unknown, where: string): boolean {
  if (typeof value !== 'boolean') {
    throw new TypeError(`${where}: expected true or false, got ${describe(value)}.`);
  }
  return value;
}
