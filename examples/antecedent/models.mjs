import { adam, dense, lstm, Network, rnn, uniform } from 'chainrule';

/** @typedef {import('./grammar.mjs').Sentence} Sentence */
/** @typedef {ReturnType<typeof import('./data.mjs').createSets>} Sets */

/** What "it" may be: the classes, in the order of the outputs. */
export const CLASSES = /** @type {const} */ (['agent', 'place']);

/** Words in the longest sentence; the network bound to positions has inputs for so many. */
const POSITIONS = 50;
const UNITS = 32;

/**
 * A network with how to train it and how it takes sentences.
 *
 * @typedef {object} Model
 * @property {string} name
 * @property {(vocabulary: readonly string[], seed: number) => Network} create
 * @property {(sentences: readonly string[][], vocabulary: readonly string[]) => number[][] | Uint8Array} encode
 * @property {import('chainrule').FitOptions} training
 */

/** @type {import('chainrule').FitOptions} */
const RECIPE = {
  epochs: 40,
  batchSize: 32,
  optimizer: adam({ learningRate: 3e-3 }),
  clipNorm: 1,
  // Accuracy stays near one half for several epochs and then jumps, and may fall again: keep the best, and be patient.
  earlyStopping: { monitor: 'validation.accuracy', patience: 40 },
};

/** PyTorch's starting values, ±1/√units: from them the LSTM also learns sentences without a second adjective. */
const UNIFORM = uniform(-1 / Math.sqrt(UNITS), 1 / Math.sqrt(UNITS));

/** @type {readonly Model[]} */
export const MODELS = [
  recurrent('tanh RNN', () => [rnn(UNITS)]),
  recurrent('tanh RNN, 2 layers', () => [rnn(UNITS, { returns: 'all' }), rnn(UNITS)]),
  recurrent('LSTM', () => [lstm(UNITS, { init: { Wx: UNIFORM, Wh: UNIFORM, b: UNIFORM } })], 15),
  {
    name: 'bound to positions',
    create: (vocabulary, seed) =>
      new Network({
        input: POSITIONS * vocabulary.length,
        layers: [dense(64, 'tanh'), dense(2, 'softmax')],
        loss: 'crossEntropy',
        classes: CLASSES,
        seed,
      }),
    encode: oneHotPositions,
    training: { ...RECIPE, epochs: 20, optimizer: adam({ learningRate: 1e-3 }) },
  },
];

/**
 * A network that reads a sentence word by word and answers from its last state.
 *
 * @param {string} name
 * @param {() => import('chainrule').LayerSpec[]} layers
 * @param {number} [epochs]
 * @returns {Model}
 */
function recurrent(name, layers, epochs = RECIPE.epochs) {
  return {
    name,
    create: (vocabulary, seed) =>
      new Network({
        input: { vocabulary: vocabulary.length },
        layers: [...layers(), dense(2, 'softmax')],
        loss: 'crossEntropy',
        classes: CLASSES,
        seed,
      }),
    encode: (sentences, vocabulary) => sentences.map((tokens) => indices(tokens, vocabulary)),
    training: { ...RECIPE, epochs },
  };
}

/**
 * For every position and every word an input that is 1 where that word stands there.
 *
 * @param {readonly string[][]} sentences
 * @param {readonly string[]} vocabulary
 */
function oneHotPositions(sentences, vocabulary) {
  const width = POSITIONS * vocabulary.length;
  const rows = new Uint8Array(sentences.length * width);
  for (const [row, tokens] of sentences.entries()) {
    for (const [position, word] of indices(tokens, vocabulary).entries()) {
      rows[row * width + position * vocabulary.length + word] = 1;
    }
  }
  return rows;
}

/**
 * @param {readonly string[]} tokens
 * @param {readonly string[]} vocabulary
 */
function indices(tokens, vocabulary) {
  return tokens.map((word) => vocabulary.indexOf(word));
}

/**
 * A set of sentences as a model takes it.
 *
 * @param {Model} model
 * @param {readonly Sentence[]} sentences
 * @param {readonly string[]} vocabulary
 */
function examples(model, sentences, vocabulary) {
  const tokens = sentences.map((sentence) => sentence.tokens);
  return { x: model.encode(tokens, vocabulary), y: sentences.map(({ label }) => label) };
}

/**
 * Trains a model and measures it on the tests.
 *
 * @param {Model} model
 * @param {Sets} sets
 * @param {readonly string[]} vocabulary
 * @param {number} seed
 */
export function trainModel(model, sets, vocabulary, seed) {
  const network = model.create(vocabulary, seed);
  const read = (/** @type {readonly Sentence[]} */ set) => examples(model, set, vocabulary);
  const { seconds } = network.fitSync(read(sets.train), {
    ...model.training,
    validation: read(sets.valid),
  });
  const { combo, shift, single } = sets;
  const accuracies = Object.entries({ combo, shift, single }).map(([name, set]) => [
    name,
    network.evaluate(read(set)).accuracy ?? NaN,
  ]);
  return { network, seconds, accuracies: Object.fromEntries(accuracies) };
}

/**
 * How likely "it" is the animal, for sentences one by one.
 *
 * @param {Model} model
 * @param {Network} network
 * @param {readonly string[][]} sentences
 * @param {readonly string[]} vocabulary
 * @returns {number[]}
 */
export function beliefs(model, network, sentences, vocabulary) {
  const outputs = network.predict(model.encode(sentences, vocabulary));
  return sentences.map((_, index) => outputs[CLASSES.length * index]);
}
