import { dense, Network } from 'chainrule';

/** Trains a network that is large enough for threads, here or in a worker; tells the digest of its parameters. */
export async function trainWide(threads, worker = false) {
  const network = new Network({
    input: 128,
    layers: [dense(192, 'tanh'), dense(10, 'softmax')],
    loss: 'crossEntropy',
    seed: 1,
  });
  const x = Float32Array.from({ length: 256 * 128 }, (_, i) => ((i * 7919) % 1000) / 1000);
  const y = Uint8Array.from({ length: 256 }, (_, i) => i % 10);
  // Long enough for a thread to come and to help.
  await network.fit({ x, y }, { epochs: 400, batchSize: 128, threads, worker });
  return network.hash();
}
