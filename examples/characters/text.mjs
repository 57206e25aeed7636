import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readText } from '../command-line.mjs';

/** Share of each text that is held out: its end. */
const HELD_OUT = 0.1;
/** Fewer characters tell nothing about a language. */
const LEAST = 2000;
/** Characters that occur less often in the text to learn from are all the same one, `UNKNOWN`, as are those that do not occur there. */
const COMMON = 3;
const UNKNOWN = '�';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * A text as tokens, whole numbers that stand for characters.
 *
 * @typedef {object} Corpus
 * @property {string} name
 * @property {Vocabulary} vocabulary
 * @property {number[]} train - tokens to learn from, one text after the other
 * @property {number[][]} heldOut - those of the end of each text
 */

/**
 * Reads a text and holds the last tenth out; without a path, the Markdown files of this project, the last tenth of each.
 *
 * @param {string} [path]
 * @returns {Promise<Corpus>}
 */
export async function readCorpus(path) {
  const paths = path === undefined ? await projectTexts() : [path];
  const texts = await Promise.all(paths.map(async (file) => [...(await readText(file))]));
  const total = texts.reduce((sum, { length }) => sum + length, 0);
  const name = path ?? `${paths.length} Markdown files of this project`;
  if (total < LEAST) {
    throw new Error(`${name}: ${total} characters are too few, at least ${LEAST} are needed`);
  }
  const cut = (/** @type {string[]} */ text) => Math.floor((1 - HELD_OUT) * text.length);
  const train = texts.flatMap((text) => text.slice(0, cut(text)));
  const vocabulary = new Vocabulary(train);
  if (vocabulary.size === 1) {
    throw new Error(`${name}: there is nothing to learn where no character occurs ${COMMON} times`);
  }
  return {
    name,
    vocabulary,
    train: vocabulary.encode(train),
    heldOut: texts.map((text) => vocabulary.encode(text.slice(cut(text)))),
  };
}

async function projectTexts() {
  const docs = (await readdir(join(PROJECT, 'docs'))).filter((name) => name.endsWith('.md')).sort();
  const others = ['README.md', 'CHANGELOG.md', 'assembly/README.md', 'src/plan/README.md'];
  return [...docs.map((name) => join('docs', name)), ...others].map((name) => join(PROJECT, name));
}

/** Which token stands for which character. */
export class Vocabulary {
  /** Characters by token. @type {readonly string[]} */
  #characters;
  /** @type {ReadonlyMap<string, number>} */
  #tokens;

  /** @param {readonly string[]} characters - of the text to learn from */
  constructor(characters) {
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (const character of characters) counts.set(character, (counts.get(character) ?? 0) + 1);
    counts.delete(UNKNOWN);
    const common = [...counts.keys()].filter((one) => Number(counts.get(one)) >= COMMON).sort();
    this.#characters = [UNKNOWN, ...common];
    this.#tokens = new Map(this.#characters.map((character, token) => [character, token]));
  }

  /** Number of tokens. */
  get size() {
    return this.#characters.length;
  }

  /**
   * Tokens of characters; 0 for those that are rare or were never seen.
   *
   * @param {Iterable<string>} characters
   */
  encode(characters) {
    return Array.from(characters, (character) => this.#tokens.get(character) ?? 0);
  }

  /** @param {readonly number[]} tokens */
  decode(tokens) {
    return tokens.map((token) => this.#characters[token]).join('');
  }
}
