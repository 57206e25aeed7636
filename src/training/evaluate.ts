import type { Matrix } from '../data/features.ts';
import type { Examples } from '../data/reader.ts';
import { targetValues } from '../data/targets.ts';
import type { Engine, PlacedProgram } from '../engine.ts';
import { readRows, writeRows } from '../plan/tensor.ts';

/** Examples per run of a predicting or evaluating program: enough to keep the kernels busy, small enough for the caches. */
const ROWS_PER_RUN = 256;

/** The result of an evaluation. */
export interface Evaluation {
  /** Mean of the loss over the examples. */
  readonly loss: number;
  /** Share of examples predicted right, from 0 to 1; only for classification or when asked for. */
  readonly accuracy?: number;
}

/** The cost sums of the examples that ran since {@link isolated} began. */
export interface CostSums {
  readonly cost: number;
  readonly examples: number;
  readonly correct: number;
}

/**
 * Runs `work` with the cost registers at zero and puts them back afterwards, so that an evaluation in the midst of an epoch does
 * not disturb it. With a penalty, its factors are isolated as well.
 */
export function isolated(
  engine: Engine,
  work: () => void,
  penalty?: { readonly l1: number; readonly l2: number },
): CostSums {
  const before = { ...costSums(engine), l1: engine.get('l1'), l2: engine.get('l2') };
  engine.set({ cost: 0, examples: 0, correct: 0 });
  if (penalty) engine.set({ l1: penalty.l1, l2: penalty.l2 });
  try {
    work();
    return costSums(engine);
  } finally {
    engine.set(before);
  }
}

/** Reads the cost registers. */
export function costSums(engine: Engine): CostSums {
  return {
    cost: engine.get('cost'),
    examples: engine.get('examples'),
    correct: engine.get('correct'),
  };
}

/** Network outputs for every row, row-major. */
export function predict(engine: Engine, x: Matrix): Float32Array {
  const outputs = engine.model.outputs;
  const predictions = new Float32Array(x.rows * outputs);
  for (const { first, rows } of slices(x.rows)) {
    const program = engine.kept(rows, { kind: 'predict' });
    writeRows(engine.core.buffer, program.input, x.values, first);
    engine.run(program);
    readRows(engine.core.buffer, program.output, predictions, first);
  }
  return predictions;
}

/** Sums cost and right predictions over every row. */
export function evaluate(engine: Engine, examples: Examples): CostSums {
  const weighted = examples.weights !== undefined;
  const key = weighted ? 'evaluate weighted' : 'evaluate';
  return isolated(engine, () => {
    for (const { first, rows } of slices(examples.x.rows)) {
      const program = engine.kept(rows, { kind: 'evaluate', weighted }, key);
      writeBatch(engine, program, examples, first);
      engine.run(program);
    }
  });
}

/** Writes examples from `first` on to the input, target and weights of a program, as many as it takes. */
export function writeBatch(
  engine: Engine,
  program: PlacedProgram,
  { x, y, weights }: Examples,
  first: number = 0,
): void {
  const { buffer } = engine.core;
  writeRows(buffer, program.input, x.values, first);
  const values = targetValues(y, engine.model.outputs, first, program.rows);
  writeRows(buffer, program.target, values);
  if (weights && program.weights) writeRows(buffer, program.weights, weights, first);
}

function* slices(total: number): Generator<{ first: number; rows: number }> {
  for (let first = 0; first < total; first += ROWS_PER_RUN) {
    yield { first, rows: Math.min(ROWS_PER_RUN, total - first) };
  }
}
