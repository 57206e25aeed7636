import { adam, dense, dropout, lstm, Network, type TrainingData } from '../../src/index.ts';
import type { FitOptions, NetworkSpec } from '../../src/index.ts';
import { randomMatrix, randomSource } from '../reference/random.ts';

// Networks large enough for threads, the same wherever the tests train them.

/** Examples with labels, the same on every machine. */
export function examples(count: number, features: number, classes = 10): TrainingData {
  const random = randomSource(count + features);
  const x = randomMatrix(random, count, features);
  return { x, y: x.map((row) => Math.floor(Math.abs(row[0]!) * 1000) % classes) };
}

/** Nearly every instruction of its steps has parts. */
export const spec: NetworkSpec = {
  input: 96,
  layers: [dense(160, 'tanh'), dense(130, 'relu'), dense(10, 'softmax')],
  loss: 'crossEntropy',
  seed: 3,
};

export const data: TrainingData = examples(300, 96);

export const options: FitOptions = { epochs: 3, batchSize: 128, optimizer: adam() };

/** Digests of a dense network with dropout and of a recurrent one, trained on so many threads. */
export async function wideHashes(
  threads: number,
  worker: NonNullable<FitOptions['worker']> = false,
): Promise<string[]> {
  const layers = [dense(160, 'gelu'), dropout(0.2), dense(10, 'softmax')];
  const x = Array.from({ length: 70 }, (_, i) => randomMatrix(randomSource(i), 6, 9));
  const sequences = { x, y: x.map((_, i) => i % 4) } as TrainingData;
  const recurrent: NetworkSpec = {
    ...spec,
    input: { features: 9, steps: 6 },
    layers: [lstm(40), dense(4, 'softmax')],
  };
  const hashes: string[] = [];
  for (const [network, on] of [
    [{ ...spec, layers }, data],
    [recurrent, sequences],
  ] as const) {
    const net = new Network(network);
    await net.fit(on, { ...options, epochs: 20, threads, worker });
    hashes.push(net.hash());
    net.dispose();
  }
  return hashes;
}
