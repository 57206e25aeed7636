import type { Examples } from '../data/reader.ts';
import type { ActivationName } from '../nn/activations.ts';
import { outputActivation } from '../nn/layers/index.ts';
import type { ResolvedSpec } from '../nn/spec.ts';
import type { Model } from '../plan/model.ts';
import { examineInputs } from './inputs.ts';
import { examineClasses, examineTargets } from './targets.ts';
import { printWarnings, type TrainingWarning } from './warnings.ts';

/** Looks at data before they are trained on, for what explains most failures in the field. */
export class Doctor {
  readonly #model: Model;
  /** Names of the feature columns and of the classes, where the network has them. */
  readonly #columns: readonly string[] | undefined;
  readonly #classes: readonly string[] | undefined;
  /** Of the output layer. */
  readonly #activation: ActivationName;

  constructor({ spec, model }: ResolvedSpec, columns: readonly string[] | undefined) {
    this.#model = model;
    this.#columns = columns;
    this.#classes = spec.classes;
    this.#activation = outputActivation(spec.layers);
  }

  /**
   * Examines training data. What makes training impossible, such as numbers that are not finite, was an error when they were read.
   *
   * @param print - say what was found on the console, each thing once for a network
   */
  examine(
    { x, y }: Examples,
    validation: Examples | undefined,
    print: boolean,
  ): readonly TrainingWarning[] {
    const { sequence, normalization, loss, outputs } = this.#model;
    const warnings = sequence?.tokens
      ? []
      : examineInputs(x, this.#columns, normalization !== undefined);
    if (y.kind === 'values') warnings.push(...examineTargets(y, this.#activation));
    // Of a vocabulary many words never come next.
    const binary = loss.name === 'binaryCrossEntropy' && outputs === 1;
    const hasClasses = y.kind === 'labels' || loss.name === 'crossEntropy' || binary;
    if (hasClasses && !sequence?.perStep) {
      warnings.push(...examineClasses(y, validation?.y, outputs, this.#classes));
    }
    if (print) printWarnings(this.#model, warnings);
    return warnings;
  }
}
