/** Numbers that JSON has no form for. */
const unusual: readonly number[] = [NaN, Infinity, -Infinity, -0];

/** Key of an object that stands for such a number. */
const KEY = '$number';

/** A copy of plain data that JSON holds to the last bit: NaN, the infinities and −0 become objects. What is undefined is left out. */
export function toJsonValue(value: unknown): unknown {
  if (typeof value === 'number') {
    const index = unusual.findIndex((number) => Object.is(number, value));
    return index < 0 ? value : { [KEY]: index };
  }
  if (Array.isArray(value)) return value.map(toJsonValue);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(entries.map(([key, part]) => [key, toJsonValue(part)]));
}

/** Plain data of what {@link toJsonValue} made of them. */
export function fromJsonValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromJsonValue);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]![0] === KEY) return unusual[entries[0]![1] as number];
  return Object.fromEntries(entries.map(([key, part]) => [key, fromJsonValue(part)]));
}
