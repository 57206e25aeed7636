import type { DataReader } from '../data/reader.ts';
import type { Engine } from '../engine.ts';
import { checkStateful } from './carried.ts';
import type { FitPlan } from './plan.ts';
import { measuresOf } from './measures.ts';
import type { FitOptions, ResolvedFitOptions } from './options.ts';
import { type BatchStream, checkEpochs, checkStreamOptions } from './stream.ts';
import { StreamTrainer } from './stream-trainer.ts';

/**
 * Checks what can be checked of a run on a stream before it is read.
 *
 * @param value - the options as they were given
 * @param classes - names of the classes, where the network has them
 */
export function planStream(
  engine: Engine,
  reader: DataReader,
  stream: BatchStream,
  value: FitOptions,
  options: ResolvedFitOptions,
  classes: readonly string[] | undefined,
): Omit<FitPlan, 'engine' | 'spec' | 'seed'> {
  checkStreamOptions(value);
  const { epochs, step, signal, threads, validation } = options;
  const stateful = checkStateful(options.stateful, engine.model);
  const validated = validation && reader.examples(validation, 'validation');
  const run = { reader, stream, step, stateful, signal, threads };
  checkEpochs(stream, epochs);
  return {
    options,
    createTrainer: () => new StreamTrainer(engine, run),
    training: undefined,
    validation: validated,
    measures: measuresOf(engine.model, classes, options),
    warnings: [],
  };
}
