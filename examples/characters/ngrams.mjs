/**
 * n-gram models, what a character model has to beat: the probability of a character given the n − 1 before it, from counts.
 *
 * Counts of short contexts help out where long ones were rarely seen (Witten and Bell's smoothing): with N occurrences of a context
 * and D different characters behind it, p(c | context) = (N(context c) + D · p(c | shorter context)) / (N + D). Without any context the
 * shorter one is that all characters of the vocabulary are equally likely.
 */
export class NGrams {
  #order;
  #vocabulary;
  /** What came behind each context, for contexts of every length below the order. @type {Map<string, Followers>} */
  #followers = new Map();

  /**
   * @param {number} order - n, 1 for single characters
   * @param {number} vocabulary - different characters
   * @param {ArrayLike<number>} text - tokens to count
   */
  constructor(order, vocabulary, text) {
    this.#order = order;
    this.#vocabulary = vocabulary;
    for (let position = 0; position < text.length; position++) {
      for (const context of this.#contexts(text, position)) this.#count(context, text[position]);
    }
  }

  /**
   * Mean of −log₂ p over the characters of texts, in bits. The first of each text has nothing before it and is left out.
   *
   * @param {readonly ArrayLike<number>[]} texts
   */
  bitsPerCharacter(texts) {
    let [bits, characters] = [0, 0];
    for (const text of texts) {
      for (let position = 1; position < text.length; position++, characters++) {
        bits -= Math.log2(this.probability(text, position));
      }
    }
    return bits / characters;
  }

  /**
   * The probability of the character at a position given those before it.
   *
   * @param {ArrayLike<number>} text
   * @param {number} position
   */
  probability(text, position) {
    let probability = 1 / this.#vocabulary;
    for (const context of this.#contexts(text, position)) {
      const followers = this.#followers.get(context);
      if (!followers) break;
      const { total, counts } = followers;
      const count = counts.get(text[position]) ?? 0;
      probability = (count + counts.size * probability) / (total + counts.size);
    }
    return probability;
  }

  /**
   * The contexts before a position, the empty one first.
   *
   * @param {ArrayLike<number>} text
   * @param {number} position
   */
  *#contexts(text, position) {
    let context = '';
    yield context;
    for (let length = 1; length < this.#order && length <= position; length++) {
      context = `${text[position - length]} ${context}`;
      yield context;
    }
  }

  /**
   * @param {string} context
   * @param {number} token
   */
  #count(context, token) {
    const followers = this.#followers.get(context) ?? { total: 0, counts: new Map() };
    followers.total++;
    followers.counts.set(token, (followers.counts.get(token) ?? 0) + 1);
    this.#followers.set(context, followers);
  }
}

/**
 * The characters behind a context, together and each.
 *
 * @typedef {{ total: number, counts: Map<number, number> }} Followers
 */
