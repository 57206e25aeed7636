import { Predictor } from 'chainrule/predict';
import { adam, dense, Network } from 'chainrule/train';

const xor = {
  x: [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ],
  y: [[0], [1], [1], [0]],
};

/** Trains as `trainXor` does, with the small entries of the package: one trains, the other predicts from what was saved. */
export async function trainSmall() {
  const network = new Network({
    input: 2,
    layers: [dense(8, 'tanh'), dense(1, 'sigmoid')],
    loss: 'binaryCrossEntropy',
    seed: 1,
  });
  await network.fit(xor, {
    epochs: 300,
    batchSize: 'all',
    optimizer: adam({ learningRate: 0.05 }),
  });
  const predictor = Predictor.load(network.save());
  const learnt = Array.from(predictor.predict(xor.x), Math.round).join('');
  return { learnt, core: predictor.core, hash: network.hash() };
}
