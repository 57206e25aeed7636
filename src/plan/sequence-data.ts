import type { Program } from './compile.ts';
import { writeTokens } from './nonzeros.ts';
import type { BatchSource } from './source.ts';
import { type Tensor, writeRows, writeSteps, writeWords } from './tensor.ts';

/** A matrix that was read, without padding. */
interface Values {
  readonly rows: number;
  readonly columns: number;
  readonly values: ArrayLike<number>;
}

/** What belongs to the sequences of a data set. */
interface SequenceData {
  readonly lengths: Uint32Array;
  /** 1 for those that begin, where others go on with a state. */
  readonly begins?: Uint32Array;
  /** Rows of initial states by `layers.0.h`. */
  readonly states: ReadonlyMap<string, Values> | undefined;
}

/**
 * Writes what belongs to the sequences of a data set to memory.
 *
 * @param allocate - takes the memory
 */
export function loadSequence(
  buffer: () => ArrayBuffer,
  allocate: (name: string, rows: number, columns: number) => Tensor,
  { lengths, begins, states }: SequenceData,
): Pick<BatchSource, 'lengths' | 'begins' | 'states'> {
  const words = (name: string, values: Uint32Array): Tensor => {
    const tensor = allocate(name, values.length, 1);
    writeWords(buffer(), tensor, values);
    return tensor;
  };
  const rows = Array.from(states ?? [], ([name, { rows, columns, values }]) => {
    const tensor = allocate(name, rows, columns);
    writeRows(buffer(), tensor, values);
    return [name, tensor] as const;
  });
  return {
    lengths: words('lengths', lengths),
    ...(begins && { begins: words('begins', begins) }),
    states: new Map(rows),
  };
}

/**
 * Writes sequences from example `first` on to a program, as many as it takes, with their lengths and initial states.
 *
 * @param oneHots - the lists of one-hot rows, for networks that take tokens
 * @param values - rows of steps, example after example
 */
export function writeSequences(
  buffer: ArrayBuffer,
  { input, rows, sequence }: Pick<Program, 'input' | 'rows' | 'sequence'>,
  oneHots: Tensor | undefined,
  values: ArrayLike<number>,
  { lengths, states }: SequenceData,
  first: number,
): void {
  const { steps, lengths: lengthOf, states: layers } = sequence!;
  if (oneHots && input.nonzeros) {
    writeTokens(buffer, input.nonzeros, oneHots, values, steps, first);
  } else writeSteps(buffer, input, values, steps, first);
  writeWords(buffer, lengthOf, lengths.subarray(first, first + rows));
  for (const { name, initial } of layers) {
    const given = states?.get(name);
    if (given) writeRows(buffer, initial, given.values, first);
  }
}
