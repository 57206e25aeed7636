import { adam, dense, Network } from 'chainrule';

const xor = {
  x: [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ],
  y: [[0], [1], [1], [0]],
};

/** Trains XOR, here or in a worker; tells what it learnt, on which core, and the digest of its parameters. */
export async function trainXor(worker = false) {
  const network = new Network({
    input: 2,
    layers: [dense(8, 'tanh'), dense(1, 'sigmoid')],
    loss: 'binaryCrossEntropy',
    seed: 1,
  });
  const options = {
    epochs: 300,
    batchSize: 'all',
    optimizer: adam({ learningRate: 0.05 }),
    worker,
  };
  await network.fit(xor, options);
  const learnt = Array.from(network.predict(xor.x), Math.round).join('');
  return { learnt, core: network.core, hash: network.hash() };
}
