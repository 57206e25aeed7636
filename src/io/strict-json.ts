import { badFile, messageOf, quote } from './errors.ts';

/** Deeper than any file of ours, and so flat that whatever walks over the value afterwards has stack enough. */
const DEEPEST_NESTING = 100;

/**
 * Parses JSON and refuses what `JSON.parse` lets pass: an object with the same key twice, of which each reader may see another one,
 * and values nested so deeply that the stack may overflow later.
 *
 * @param where - what the text is, for the error
 * @throws {NetworkError} `BAD_FILE`
 */
export function parseStrictJson(text: string, where: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw badFile(where, `expected JSON. ${messageOf(error)}.`, error);
  }
  checkStructure(text, where);
  return value;
}

/** Walks over valid JSON from string to string. A plain loop: a regular expression would run out of stack on long strings. */
function checkStructure(text: string, where: string): void {
  const open: (Set<string> | undefined)[] = [];
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === '{') open.push(new Set());
    else if (character === '[') open.push(undefined);
    else if (character === '}' || character === ']') open.pop();
    if (open.length > DEEPEST_NESTING) throw badFile(where, 'nested too deeply.');
    if (character !== '"') continue;
    const start = index;
    index = endOfString(text, start);
    if (!isKey(text, index + 1)) continue;
    const key = JSON.parse(text.slice(start, index + 1)) as string;
    const keys = open.at(-1)!;
    if (keys.has(key)) throw badFile(where, `the key ${quote(key)} is there twice.`);
    keys.add(key);
  }
}

/** Index of the quote that ends the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (text[index] !== '"') index += text[index] === '\\' ? 2 : 1;
  return index;
}

/** Whether a colon is what follows. */
function isKey(text: string, index: number): boolean {
  while (
    text[index] === ' ' ||
    text[index] === '\n' ||
    text[index] === '\t' ||
    text[index] === '\r'
  )
    index++;
  return text[index] === ':';
}
