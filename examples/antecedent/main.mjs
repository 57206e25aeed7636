/**
 * What does "it" refer to? "The chicken refused to cross the road because it was tired." – or wide.
 *
 *   node examples/antecedent/main.mjs                 trains four networks with three seeds each and prints how often they are right
 *   node examples/antecedent/main.mjs --seeds 1       with one seed
 *   node examples/antecedent/main.mjs "The dog …"     then shows how the belief of the first one moves, word by word
 *   node examples/antecedent/main.mjs --only RNN      only networks whose name contains RNN
 */
import { parseArgs } from 'node:util';
import { createSets, FIRST_TWO, tokenise, vocabularyOf } from './data.mjs';
import { beliefs, MODELS, trainModel } from './models.mjs';
import { showBelief, showRow, showTitle } from './report.mjs';

const DATA_SEED = 11;

const { seeds, only, sentence } = readArguments();
const models = MODELS.filter(({ name }) => name.includes(only));
const sets = createSets(DATA_SEED);
const vocabulary = vocabularyOf(sets);
const first = FIRST_TWO.map(({ text }) => tokenise(text, vocabulary).tokens);

showTitle(sets, vocabulary, seeds);
/** @type {{ model: import('./models.mjs').Model, network: import('chainrule').Network } | undefined} */
let reader;
for (const model of models) {
  const runs = Array.from({ length: seeds }, (_, index) =>
    trainModel(model, sets, vocabulary, index + 1),
  );
  const right = runs.map(
    ({ network }) =>
      beliefs(model, network, first, vocabulary).filter(
        (belief, index) => belief > 0.5 === (FIRST_TWO[index].label === 'agent'),
      ).length,
  );
  showRow(model.name, runs, right);
  reader ??= { model, network: runs[0].network };
  for (const { network } of runs) if (network !== reader.network) network.dispose();
}
if (reader) {
  for (const text of sentence === undefined ? FIRST_TWO.map((two) => two.text) : [sentence]) {
    const { tokens, unknown } = tokenise(text, vocabulary);
    if (unknown.length > 0)
      console.log(`\nWords it has never seen, left out: ${unknown.join(', ')}`);
    const beginnings = tokens.map((_, index) => tokens.slice(0, index + 1));
    showBelief(tokens, beliefs(reader.model, reader.network, beginnings, vocabulary));
  }
  reader.network.dispose();
}

function readArguments() {
  const { values, positionals } = parseArgs({
    options: {
      seeds: { type: 'string', default: '3' },
      only: { type: 'string', default: '' },
    },
    allowPositionals: true,
  });
  const count = Number(values.seeds);
  if (!Number.isInteger(count) || count < 1) {
    console.error(`antecedent: --seeds: expected a whole number from 1, got ${values.seeds}`);
    process.exit(1);
  }
  const text = positionals.join(' ').trim();
  return { seeds: count, only: values.only, sentence: text === '' ? undefined : text };
}
