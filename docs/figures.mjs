/**
 * Draws the figures of backpropagation.md into docs/figures: `node docs/figures.mjs`, after a build. The tests draw them again and compare.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { adam, dense, Network, sgd } from 'chainrule';
import * as pictures from 'chainrule/pictures';
import { loadScans } from '../examples/digits/data.mjs';

const { train, test } = loadScans();

const xor = {
  x: [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ],
  y: [[0], [1], [1], [0]],
};

/** Twelve steps on w². @param {number} rate */
function descend(rate) {
  const path = [-1.6];
  for (let step = 0; step < 12; step++) path.push(path[step] * (1 - 2 * rate));
  return path;
}

/** Fifteen steps on u² + 10 v². @param {number} rate @returns {[number, number][]} */
function valley(rate) {
  const path = /** @type {[number, number][]} */ ([[-1.6, 1]]);
  for (let step = 0; step < 15; step++) {
    const [u, v] = path[step];
    path.push([u - rate * 2 * u, v - rate * 20 * v]);
  }
  return path;
}

function chainTree() {
  const chain = new Network({
    input: 1,
    layers: [
      dense(1, 'sigmoid', { init: { W: [[0.9]], b: [0.1] } }),
      dense(1, 'sigmoid', { init: { W: [[-1.2]], b: [0.4] } }),
      dense(1, 'sigmoid', { init: { W: [[1.5]], b: [-0.2] } }),
    ],
    loss: 'halfSquaredError',
    seed: 1,
  });
  return pictures.drawTree(chain.explain([[0.7]], [[1]], { layer: 0, to: 0, from: 0 }));
}

function pathsTree() {
  const first = [
    [0.5, -0.4],
    [0.8, 0.3],
  ];
  const second = [
    [1.1, -0.7],
    [0.6, 0.9],
  ];
  const pair = new Network({
    input: 2,
    layers: [
      dense(2, 'sigmoid', { init: { W: first, b: [0.1, -0.2] } }),
      dense(2, 'sigmoid', { init: { W: second, b: [0, 0.3] } }),
    ],
    loss: 'halfSquaredError',
    seed: 1,
  });
  return pictures.drawTree(pair.explain([[1, 0.5]], [[1, 0]], { layer: 0, to: 1, from: 0 }));
}

function batches() {
  const histories = /** @type {const} */ ([1, 32, 'all']).map((batchSize) => {
    const net = new Network({
      input: 64,
      layers: [dense(30, 'sigmoid'), dense(10, 'sigmoid')],
      loss: 'halfSquaredError',
      seed: 1,
    });
    const { reports } = net.fitSync(train, {
      epochs: 20,
      batchSize,
      optimizer: sgd({ learningRate: 0.3 }),
      validation: test,
      metrics: ['accuracy'],
    });
    // The cost of training is that of the network before each step; the accuracy shown is that of the held-out scans after the pass.
    return {
      reports: reports.map(({ epoch, cost, validation }) => ({
        epoch,
        cost,
        accuracy: validation?.accuracy ?? 0,
      })),
    };
  });
  const [online, miniBatch, batch] = histories;
  return pictures.drawCurves({ online, 'mini-batch of 32': miniBatch, batch }, { width: 760 });
}

/** A network trained on XOR. @param {number} hidden - neurons in its hidden layer, 0 for none */
function trainedOnXor(hidden) {
  const layers = hidden > 0 ? [dense(hidden, 'tanh')] : [];
  const net = new Network({
    input: 2,
    layers: [...layers, dense(1, 'sigmoid')],
    loss: 'binaryCrossEntropy',
    seed: 1,
  });
  net.fitSync(xor, { epochs: 1000, batchSize: 'all', optimizer: adam({ learningRate: 0.05 }) });
  return net;
}

/** δ through six hidden layers, untrained. @param {'sigmoid' | 'relu'} activation */
function flow(activation) {
  const hidden = Array.from({ length: 6 }, () => dense(10, activation));
  const net = new Network({
    input: 64,
    layers: [...hidden, dense(10, 'softmax')],
    loss: 'crossEntropy',
    seed: 1,
  });
  const trace = net.trace(train.x.subarray(0, 64 * 64), train.y.subarray(0, 64));
  return pictures.drawHistograms(trace, { title: `six ${activation} layers, untrained` });
}

function digitsConfusion() {
  const net = new Network({
    input: 64,
    layers: [dense(40, 'relu'), dense(10, 'softmax')],
    loss: 'crossEntropy',
    seed: 1,
  });
  net.fitSync(train, { epochs: 40, batchSize: 32, optimizer: adam({ learningRate: 0.003 }) });
  const outputs = net.predict(test.x);
  const counts = Array.from({ length: 10 }, () => new Array(10).fill(0));
  test.y.forEach((digit, row) => {
    const own = outputs.subarray(row * 10, row * 10 + 10);
    counts[digit][own.indexOf(Math.max(...own))]++;
  });
  return pictures.drawConfusion(counts, { width: 420 });
}

/** Every figure by its file's name. */
export function drawFigures() {
  const hidden = trainedOnXor(4);
  return {
    'descent-1d': pictures.drawDescent(
      (w) => w * w,
      {
        'η = 0.02: too small': descend(0.02),
        'η = 0.3: good': descend(0.3),
        'η = 1.05: too large': descend(1.05),
      },
      { x: [-2, 2], y: [0, 4] },
    ),
    'descent-2d': pictures.drawDescent(
      (u, v) => u * u + 10 * v * v,
      {
        'η = 0.01: too small': valley(0.01),
        'η = 0.08: good': valley(0.08),
        'η = 0.102: too large': valley(0.102),
      },
      { x: [-2, 2], y: [-1.5, 1.5] },
    ),
    'chain-tree': chainTree(),
    'paths-tree': pathsTree(),
    batches: batches(),
    'xor-line': pictures.drawBoundary(trainedOnXor(0), xor, { width: 330, title: 'one layer' }),
    'xor-hidden': pictures.drawBoundary(hidden, xor, {
      width: 330,
      title: 'a hidden layer of four',
    }),
    'xor-network': pictures.drawNetwork(hidden, { width: 560 }),
    'flow-sigmoid': flow('sigmoid'),
    'flow-relu': flow('relu'),
    'digits-confusion': digitsConfusion(),
  };
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const folder = new URL('figures/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  for (const [name, svg] of Object.entries(drawFigures())) {
    writeFileSync(new URL(`${name}.svg`, folder), `${svg}\n`);
  }
}
