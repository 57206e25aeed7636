/**
 * A character model: learns to write like a text, one character at a time.
 *
 *   node examples/characters/main.mjs           learns from the Markdown files of this project (after npm run build)
 *   node examples/characters/main.mjs FILE      from a text of your own, in UTF-8
 *     --epochs 12           passes over the text
 *     --length 400          characters to write afterwards
 *     --temperature 0.7     how daring it writes; 0 always takes the likeliest character
 *     --seed 1
 *
 * A GRU of 128 units; on one core, a quarter of a minute. For the texts of this project (100 000 characters) it needs 2.1 bits per character
 * held out, where single characters take 4.7, pairs 3.5 and trigrams 2.6; the figures change a little with the texts.
 */
import { prepareOrExit } from '../command-line.mjs';
import { createModel, train } from './model.mjs';
import { NGrams } from './ngrams.mjs';
import { readCorpus } from './text.mjs';

const OPTIONS = {
  epochs: { default: 12, least: 1 },
  length: { default: 400, least: 1 },
  temperature: { default: 0.7, least: 0, fraction: true },
  seed: { default: 1, least: 0 },
};
/** Characters it reads before it writes. */
const PROMPT = 100;

const { corpus, epochs, seed, ...sampling } = await prepareOrExit(
  'characters',
  OPTIONS,
  async ({ file, ...options }) => ({ corpus: await readCorpus(file), ...options }),
);
const { vocabulary, heldOut } = corpus;
const counted = (/** @type {number} */ characters) =>
  characters.toLocaleString('en').replaceAll(',', ' ');

console.log(
  `${corpus.name}: ${counted(corpus.train.length)} characters to learn from, ` +
    `${counted(heldOut.flat().length)} held out, ${vocabulary.size} different ones`,
);
console.log('Bits per character held out:');
for (const [index, name] of ['single characters', 'pairs', 'trigrams'].entries()) {
  const ngrams = new NGrams(index + 1, vocabulary.size, corpus.train);
  showBits(name, ngrams.bitsPerCharacter(heldOut));
}

const model = createModel(vocabulary.size, seed);
let bits = NaN;
for await (const { epoch, cost, validation, seconds } of train(model, corpus, epochs)) {
  bits = (validation?.loss ?? NaN) / Math.LN2;
  console.log(
    `epoch ${String(epoch).padStart(2)}/${epochs} · learning ${(cost / Math.LN2).toFixed(3)} · ` +
      `held out ${bits.toFixed(3)} · ${seconds.toFixed(1)} s`,
  );
}
showBits('the network', bits);

const prompt = heldOut[0].slice(0, PROMPT);
const text = model.generate(prompt, { ...sampling, seed });
console.log(`\nIt reads\n\n${quote(prompt)}\n\nand goes on\n\n${quote(text)}`);
model.dispose();

/**
 * @param {string} name
 * @param {number} value
 */
function showBits(name, value) {
  console.log(`  ${name.padEnd(20)}${value.toFixed(3)}`);
}

/** @param {number[]} tokens */
function quote(tokens) {
  return vocabulary.decode(tokens).replaceAll(/^/gm, '  │ ');
}
