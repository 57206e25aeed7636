/**
 * Reads images of digits row by row, from top to bottom, with a recurrent network: each row of pixels is a step of a sequence, and
 * what the network says of the digit it says after the last one.
 *
 *   node examples/rows/main.mjs               1,797 scans, sequences of 8 steps
 *   node examples/rows/main.mjs --mnist DIR   the four MNIST files in DIR, sequences of 28 steps
 *   node examples/rows/main.mjs --layer gru   lstm, gru or rnn; lstm when absent
 */
import { parseArgs } from 'node:util';
import { adam, cosine, dense, gru, lstm, Network, rnn } from 'chainrule';
import { loadMnist, loadScans } from '../digits/data.mjs';

const LAYERS = { rnn, lstm, gru };

const SCANS = { units: 64, epochs: 30, batchSize: 32, learningRate: 4e-3 };
const MNIST = { units: 128, epochs: 5, batchSize: 64, learningRate: 2e-3 };

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function main() {
  const { values } = parseArgs({
    options: { mnist: { type: 'string' }, layer: { type: 'string', default: 'lstm' } },
  });
  const layer = LAYERS[/** @type {keyof typeof LAYERS} */ (values.layer)];
  if (!layer) throw new Error(`--layer: expected rnn, lstm or gru, got ${values.layer}`);
  const digits = values.mnist === undefined ? loadScans() : await loadMnist(values.mnist);
  const { units, epochs, batchSize, learningRate } = values.mnist === undefined ? SCANS : MNIST;
  const network = new Network({
    input: { features: digits.side, steps: digits.side },
    layers: [layer(units), dense(10, 'softmax')],
    loss: 'crossEntropy',
    seed: 1,
  });
  console.log(`${digits.title}, row by row\n\n${network.summary()}\n`);
  const run = network.fit(digits.train, {
    epochs,
    batchSize,
    optimizer: adam({ learningRate }),
    schedule: cosine(),
    clipNorm: 1,
  });
  for await (const { epoch, cost, accuracy = 0, examplesPerSecond } of run) {
    const rate = `${Math.round(examplesPerSecond)} sequences/s`;
    console.log(`epoch ${epoch}: cost ${cost.toFixed(4)}, ${percent(accuracy)} right, ${rate}`);
  }
  const { accuracy = 0 } = network.evaluate(digits.test);
  console.log(`\n${percent(accuracy)} of ${digits.test.y.length} digits it had not seen`);
  network.dispose();
}

/** @param {number} share */
function percent(share) {
  return `${(100 * share).toFixed(2)} %`;
}
