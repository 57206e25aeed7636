/**
 * Regression on a table: how much heat a house needs in a year, from its area, its year of construction and its exposure to wind.
 *
 *   node examples/regression/main.mjs      (after npm run build)
 *
 * The table is made by a formula with noise, see table.mjs, so it is known how good a prediction can be.
 */
import { adam, cosine, dense, Network } from 'chainrule';
import { readCsv } from 'chainrule/csv';
import { createTable, NOISE } from './table.mjs';

const houses = await readCsv(createTable(2000), { target: 'heat' });
const { train, validation, test } = houses.split({ test: 0.2, validation: 0.1, seed: 1 });

const net = new Network({
  input: houses.input,
  normalize: 'standard', // areas and years differ by orders of magnitude; learned from `train` alone
  layers: [dense(16, 'tanh'), dense(16, 'tanh'), dense(1, 'linear')],
  loss: 'meanSquaredError',
  seed: 1,
});

const { reports } = await net.fit(train, {
  epochs: 100,
  batchSize: 16,
  optimizer: adam({ learningRate: 0.01 }),
  schedule: cosine(),
  validation,
});
const last = reports[reports.length - 1];
console.log(
  `mean squared error ${last.cost.toFixed(3)}, validation ${last.validation?.loss.toFixed(3)}`,
);

const baseline = rootMeanSquare(Array.from(test.y, (heat) => heat - mean(train.y)));
const predicted = net.predict(test.x);
const rmse = rootMeanSquare(Array.from(test.y, (heat, i) => heat - predicted[i]));
console.log(`${test.length} houses held out, errors in MWh (root of the mean square):`);
console.log(`  the mean of the training set  ${baseline.toFixed(2)}`);
console.log(`  the network                   ${rmse.toFixed(2)}`);
console.log(`  the noise in the table        ${NOISE.toFixed(2)}`);
console.log(`R² ${(1 - (rmse / baseline) ** 2).toFixed(4)}`);

const [heat] = net.predict([{ area: 120, year: 1965, exposure: 'open' }]);
console.log(`120 m² of 1965, open to the wind: ${heat.toFixed(1)} MWh a year`);
net.dispose();

/** @param {ArrayLike<number>} values */
function mean(values) {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}

/** @param {number[]} errors */
function rootMeanSquare(errors) {
  return Math.sqrt(mean(errors.map((error) => error ** 2)));
}
