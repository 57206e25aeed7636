import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

/**
 * What an option may be: a number from `least`, a whole one unless said otherwise.
 *
 * @typedef {{ default: number, least: number, fraction?: boolean }} NumberOption
 */

/**
 * Reads a command line of at most one file and of numbers, `[FILE] [--name n] …`, does `prepare` with it, and says what is wrong with
 * either in one line before it ends the process.
 *
 * @template {Record<string, NumberOption>} Options
 * @template T
 * @param {string} example - name of its folder
 * @param {Options} options
 * @param {(values: { [name in keyof Options]: number } & { file: string | undefined }) => T} prepare
 * @returns {Promise<Awaited<T>>}
 */
export async function prepareOrExit(example, options, prepare) {
  try {
    return await prepare(readArguments(example, options));
  } catch (error) {
    console.error(`${example}: ${error instanceof Error ? error.message : error}`);
    process.exit(1);
  }
}

/**
 * @template {Record<string, NumberOption>} Options
 * @param {string} example
 * @param {Options} options
 */
function readArguments(example, options) {
  const names = Object.keys(options);
  try {
    const { values, positionals } = parseArgs({
      options: Object.fromEntries(
        names.map((name) => [name, { type: /** @type {const} */ ('string') }]),
      ),
      allowPositionals: true,
    });
    if (positionals.length > 1) throw new Error(`Expected one file, got ${positionals.length}`);
    const numbers = names.map((name) => [name, readNumber(name, options[name], values[name])]);
    return { ...Object.fromEntries(numbers), file: positionals[0] };
  } catch (error) {
    const [reason] = String(error instanceof Error ? error.message : error).split(/\. |\.?\n|\.$/);
    const usage = names.map((name) => `[--${name} n]`).join(' ');
    throw new Error(`${reason}. Usage: node examples/${example}/main.mjs [FILE] ${usage}`, {
      cause: error,
    });
  }
}

/**
 * @param {string} name
 * @param {NumberOption} option
 * @param {string | undefined} text
 */
function readNumber(name, { default: otherwise, least, fraction = false }, text) {
  if (text === undefined) return otherwise;
  const value = text.trim() === '' ? NaN : Number(text);
  if ((fraction ? Number.isFinite(value) : Number.isSafeInteger(value)) && value >= least) {
    return value;
  }
  const what = fraction ? 'a number' : 'a whole number';
  throw new Error(`--${name}: expected ${what} from ${least}, got ${JSON.stringify(text)}`);
}

/**
 * The text of a file, in UTF-8.
 *
 * @param {string} path
 */
export async function readText(path) {
  const bytes = await readFile(path).catch((error) => {
    const reason = error.code === 'ENOENT' ? 'no such file' : `cannot be read (${error.code})`;
    throw new Error(`${path}: ${reason}`, { cause: error });
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new Error(`${path}: expected text in UTF-8`, { cause: error });
  }
}
