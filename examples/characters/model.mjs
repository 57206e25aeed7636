import { adam, cosine, dense, dropout, gru, Network } from 'chainrule';

/** Texts read side by side, the examples of a batch. */
const STREAMS = 8;
/** Characters between two updates; the state goes on. */
const TRUNCATE = 32;
/** Characters of a piece to measure on. */
const PIECE = 1000;

/**
 * A network that reads characters one by one and gives the probabilities of the next.
 *
 * @param {number} vocabulary
 * @param {number} seed
 */
export function createModel(vocabulary, seed) {
  return new Network({
    input: { vocabulary },
    layers: [gru(128, { returns: 'all' }), dropout(0.2), dense(vocabulary, 'softmax')],
    loss: 'crossEntropy',
    seed,
  });
}

/**
 * Trains a model on a corpus; a loop over it gives a report per epoch.
 *
 * @param {Network} model
 * @param {import('./text.mjs').Corpus} corpus
 * @param {number} epochs
 */
export function train(model, { train, heldOut }, epochs) {
  return model.fit(cut([train], Math.floor((train.length - 1) / STREAMS)), {
    epochs,
    batchSize: STREAMS,
    truncate: TRUNCATE,
    optimizer: adam({ learningRate: 0.005 }),
    schedule: cosine({ minimum: 0.05 }),
    clipNorm: 1,
    validation: cut(heldOut, PIECE),
    metrics: [],
  });
}

/**
 * Cuts texts into pieces, each with the characters that follow its own: the questions and the answers of a character model.
 *
 * @param {readonly number[][]} texts
 * @param {number} length - of a piece; the last one of a text may be shorter
 */
function cut(texts, length) {
  /** @type {{ x: number[][], y: number[][] }} */
  const pieces = { x: [], y: [] };
  for (const text of texts) {
    for (let first = 0; first < text.length - 1; first += length) {
      const last = Math.min(first + length, text.length - 1);
      pieces.x.push(text.slice(first, last));
      pieces.y.push(text.slice(first + 1, last + 1));
    }
  }
  return pieces;
}
