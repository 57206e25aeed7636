import { drawPlan, write } from './grammar.mjs';
import { Random } from './random.mjs';
import { ADJECTIVES, LEADS, NOUNS, TAILS } from './words.mjs';

/** @typedef {import('./grammar.mjs').Sentence} Sentence */
/** @typedef {import('./grammar.mjs').Kind} Kind */
/** @typedef {Record<Kind, [noun: string, adjective: string][]>} Pairs */

/** One pair of noun and adjective in so many is kept for the tests. */
const HELD_OUT = 4;

/** The sentences everybody tries first; their pairs are held out, too. */
export const FIRST_TWO = /** @type {const} */ ([
  { text: 'The chicken refused to cross the road because it was tired.', label: 'agent' },
  { text: 'The chicken refused to cross the road because it was wide.', label: 'place' },
]);
const FORCED = /** @type {const} */ ({ agent: ['chicken', 'tired'], place: ['road', 'wide'] });

/**
 * The sets of sentences.
 *
 * - `train`, `valid`: noun and adjective pairs of training;
 * - `combo`: pairs that never occur in training, though every noun and every adjective does;
 * - `shift`: such pairs, and lead-ins and tails twice as long, so that words stand where they never stood;
 * - `single`: such pairs, and no second adjective, like the first two sentences.
 *
 * Sentences come in twins with the same words in another order and opposite labels, both in the same set: no classifier that
 * counts words is right more than half the time.
 *
 * @param {number} seed
 * @param {number} [count] - sentences to train on
 */
export function createSets(seed, count = 4000) {
  const random = new Random(seed);
  const agent = splitPairs(random, 'agent');
  const place = splitPairs(random, 'place');
  const known = { agent: agent.train, place: place.train };
  const novel = { agent: agent.test, place: place.test };
  const leads = LEADS.filter((lead) => lead.endsWith(',')).flatMap((first) =>
    LEADS.filter((lead) => lead !== '' && lead !== first).map((second) => `${first} ${second}`),
  );
  const tails = TAILS.filter((tail) => tail !== '' && !tail.startsWith(',')).flatMap((first) =>
    TAILS.filter((tail) => tail !== '' && tail !== first).map((second) => `${first} ${second}`),
  );
  const seen = /** @type {Set<string>} */ (new Set());
  return {
    train: drawTwins(random, known, count, seen),
    valid: drawTwins(random, known, 500, seen),
    combo: drawTwins(random, novel, 1000, seen),
    shift: drawTwins(random, novel, 1000, seen, { leads, tails }),
    single: drawTwins(random, novel, 500, seen, { plain: true }),
  };
}

/**
 * Pairs of one kind for training and for tests: every noun and every adjective keeps the same number of partners in each.
 *
 * @param {Random} random
 * @param {Kind} kind
 */
function splitPairs(random, kind) {
  const nouns = random.shuffled(NOUNS[kind]);
  const adjectives = random.shuffled(ADJECTIVES[kind]);
  const [noun, adjective] = FORCED[kind];
  const offset = nouns.indexOf(noun) + adjectives.indexOf(adjective);
  const isHeldOut = (/** @type {number} */ i, /** @type {number} */ j) =>
    (i + j - offset) % HELD_OUT === 0;
  const pairs = (/** @type {boolean} */ heldOut) =>
    nouns.flatMap((n, i) =>
      adjectives
        .filter((_, j) => isHeldOut(i, j) === heldOut)
        .map((a) => /** @type {[string, string]} */ ([n, a])),
    );
  return { train: pairs(false), test: pairs(true) };
}

/**
 * @param {Random} random
 * @param {Pairs} pairs
 * @param {number} count
 * @param {Set<string>} seen - texts of all sets so far, so that none occurs twice
 * @param {Parameters<typeof drawPlan>[2]} [options]
 */
function drawTwins(random, pairs, count, seen, options) {
  /** @type {Sentence[]} */
  const sentences = [];
  while (sentences.length < count) {
    const plan = drawPlan(random, pairs, options);
    const twins = [write(plan, 'agent'), write(plan, 'place')];
    const texts = twins.map(({ tokens }) => tokens.join(' '));
    if (texts.some((text) => seen.has(text))) continue;
    // Where a comma was tidied away, the twins do not have the same words.
    if (!options?.plain && sorted(twins[0].tokens) !== sorted(twins[1].tokens)) continue;
    for (const text of texts) seen.add(text);
    sentences.push(...twins);
  }
  return random.shuffled(sentences);
}

/** @param {string[]} tokens */
function sorted(tokens) {
  return [...tokens].sort().join(' ');
}

/**
 * All words of all sets, in alphabetical order; a word's token is its place.
 *
 * @param {Record<string, Sentence[]>} sets
 */
export function vocabularyOf(sets) {
  const all = Object.values(sets).flat();
  return [...new Set(all.flatMap(({ tokens }) => tokens))].sort();
}

/**
 * A sentence as a person types it, in words of the vocabulary.
 *
 * @param {string} text
 * @param {readonly string[]} vocabulary
 * @returns {{ tokens: string[], unknown: string[] }} unknown words are left out of the tokens
 */
export function tokenise(text, vocabulary) {
  const all = text.toLowerCase().match(/[a-z]+|[.,]/g) ?? [];
  const isKnown = (/** @type {string} */ word) => vocabulary.includes(word);
  return {
    tokens: all.filter(isKnown),
    unknown: all.filter((word) => !isKnown(word)),
  };
}
