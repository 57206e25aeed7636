import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Network, dense, momentum, sgd } from '../src/index.ts';
import type { ActivationName, LossName } from '../src/index.ts';
import {
  GOLDEN_RUNS,
  OPTIMIZER_CREATORS,
  runNetwork,
  trainedHash,
} from './reference/determinism.ts';
import type { Run } from './reference/determinism.ts';
import { activations, losses } from './reference/functions.ts';
import { CORES } from './reference/library.ts';

// The same seed gives the same bits: on both cores, in every run, on every machine.

const goldenFile = new URL('fixtures/golden.json', import.meta.url);

describe('both cores and a second run give the same digest', () => {
  const outputOf = (loss: string): string =>
    ({ crossEntropy: 'softmax', binaryCrossEntropy: 'sigmoid' })[loss] ?? 'linear';
  const runs: Run[] = Object.keys(activations).flatMap((hidden) =>
    Object.keys(losses).map((loss) => ({
      name: `${hidden}, ${loss}`,
      sizes: [5, 9, 6, 3],
      activations: [hidden, hidden, outputOf(loss)] as ActivationName[],
      loss: loss as LossName,
      optimizer: OPTIMIZER_CREATORS['sgd']!,
      batchSize: 7,
    })),
  );

  it.each(runs)('$name', (run) => {
    for (const [rule, optimizer] of Object.entries(OPTIMIZER_CREATORS)) {
      const js = trainedHash({ ...run, optimizer }, 'js');
      expect(trainedHash({ ...run, optimizer }, 'simd'), `simd, ${rule}`).toBe(js);
      expect(trainedHash({ ...run, optimizer }, 'simd'), `simd again, ${rule}`).toBe(js);
    }
  });

  it.each(GOLDEN_RUNS)('$name', (run) => {
    const js = trainedHash(run, 'js');
    expect(trainedHash(run, 'js')).toBe(js);
    expect(trainedHash(run, 'simd')).toBe(js);
  });
});

describe('the digest of earlier releases', () => {
  // Written once per change of the arithmetic, on purpose: UPDATE_GOLDEN=1 npx vitest run test/determinism.test.ts
  const updating = process.env['UPDATE_GOLDEN'] === '1';
  if (updating) {
    const entries = GOLDEN_RUNS.map((run) => [run.name, trainedHash(run, 'js')]);
    writeFileSync(goldenFile, `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
  }
  const golden = existsSync(goldenFile)
    ? (JSON.parse(readFileSync(goldenFile, 'utf8')) as Record<string, string>)
    : {};

  it('golden.json names exactly the golden runs', () => {
    expect(Object.keys(golden)).toEqual(GOLDEN_RUNS.map(({ name }) => name));
  });

  describe.each(CORES)('core %s', (core) => {
    it.each(GOLDEN_RUNS)('$name', (run) => {
      expect(trainedHash(run, core)).toBe(golden[run.name]);
    });
  });
});

describe('the seed', () => {
  it.each(GOLDEN_RUNS)('changes parameters and training: $name', (run) => {
    const hashes = [1, 2, 3].map((seed) => trainedHash(run, 'simd', seed));
    expect(new Set(hashes).size).toBe(3);
  });

  it('changes the initial weights, not the initial biases', () => {
    const [one, two] = [1, 2].map((seed) => runNetwork(GOLDEN_RUNS[1]!, 'js', seed).parameters);
    one!.forEach(({ name, get }, i) => {
      const same = get().every((value, j) => value === two![i]!.get()[j]);
      expect(same, name).toBe(name.endsWith('.b'));
    });
  });
});

describe.each(CORES)('the order of examples, core %s', (core) => {
  const EXAMPLES = 16;
  const x = Array.from({ length: EXAMPLES }, (_, i) =>
    Array.from({ length: EXAMPLES }, (_unit, j) => Number(i === j)),
  );
  const y = x.map(() => [-1000]);

  /** One weight per example; far above the target every derivative of the absolute error is 1. */
  function trainedWeights(
    seed: number,
    rate: number,
    friction: number,
    shuffle: boolean,
  ): number[] {
    const layers = [dense(1, 'linear', { bias: false })];
    const network = new Network(
      { input: EXAMPLES, layers, loss: 'meanAbsoluteError', seed },
      { core },
    );
    network.parameters[0]!.set(new Float32Array(EXAMPLES));
    const optimizer =
      friction === 0
        ? sgd({ learningRate: rate })
        : momentum({ learningRate: rate, momentum: friction });
    network.fitSync({ x, y }, { epochs: 1, batchSize: 1, optimizer, shuffle });
    const weights = [...network.parameters[0]!.get()];
    network.dispose();
    return weights;
  }

  /** With momentum ½ the weight of the example seen first moves furthest: the order can be read off. */
  function order(seed: number, shuffle: boolean): number[] {
    const weights = trainedWeights(seed, 1, 0.5, shuffle);
    return weights.map((_, i) => i).sort((i, j) => weights[i]! - weights[j]!);
  }

  const ascending = x.map((_, i) => i);

  it('every example is seen exactly once per epoch', () => {
    expect(trainedWeights(1, 0.5, 0, true)).toEqual(x.map(() => -0.5));
    expect(order(1, true).sort((i, j) => i - j)).toEqual(ascending);
  });

  it('is that of the data without shuffle, whatever the seed', () => {
    expect(order(1, false)).toEqual(ascending);
    expect(order(2, false)).toEqual(ascending);
  });

  it('differs with the seed and is repeated by the same seed', () => {
    const orders = [1, 2, 3].map((seed) => order(seed, true).join());
    expect(new Set([...orders, ascending.join()]).size).toBe(4);
    expect(order(1, true).join()).toBe(orders[0]);
  });
});
