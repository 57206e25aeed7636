import { pickExamples } from '../data/pick.ts';
import type { Examples } from '../data/reader.ts';
import type { Engine } from '../engine.ts';
import { NetworkError } from '../errors.ts';
import { gradientFlow, type LayerFlow, passage } from '../inspect/flow.ts';
import { recordTrace } from '../inspect/trace/record.ts';
import type { LayerTrace, Trace } from '../inspect/trace/trace.ts';
import type { NetworkSpec } from '../nn/spec.ts';
import { inWindows } from '../training/windows.ts';
import { constantCost } from './constant.ts';
import { short, type TrainingWarning } from './warnings.ts';

/** At most so many examples are looked at, and steps of all of them together. */
const EXAMPLES = 32;
const STEPS = 4096;

/** A run whose last cost is above this share of that of a constant answer has not learned. */
const HARDLY_BETTER = 0.9;

/** What a run was trained on. */
export interface TrainedOn extends Pick<Examples, 'x' | 'y' | 'weights'> {
  /** Steps after which the gradient was cut. */
  readonly truncate?: number | undefined;
}

/**
 * Looks at the gradients of a run that is over and has not learned, for whether they vanish or explode on their way back: through time,
 * or from the output down.
 *
 * Only then, because gradients that vanish at first are no illness: an LSTM's gates are half shut until it has found what to keep, and the
 * upper one of two recurrent layers may leave the early steps to the lower one. So only the lowest is asked how far back it reaches.
 * A run that learns pays for a look at its targets.
 *
 * @param cost - of its last epoch
 * @param data - what it was trained on; a few examples are run once more, the longest sequences
 */
export function examineFlow(
  engine: Engine,
  spec: NetworkSpec,
  cost: number,
  data: TrainedOn,
): TrainingWarning[] {
  const constant = constantCost(engine.model, data);
  if (cost <= HARDLY_BETTER * constant) return [];
  const trace = traceOf(engine, spec, sampleOf(data));
  if (!trace) return [];
  const result = `the cost of ${short(cost)} is hardly below the ${short(constant)} of always giving the same answer`;
  const flow = gradientFlow(trace);
  const throughTime = warningThroughTime(trace, flow, result);
  const downwards = warningDownwards(trace, flow, result);
  return throughTime ? [throughTime] : downwards ? [downwards] : [];
}

/** The longest sequences, as far as the gradient reaches; of other data the first examples. */
function sampleOf({ x, y, weights, truncate }: TrainedOn): Examples {
  const { sequence, examples } = x;
  const most = Math.min(examples, EXAMPLES);
  if (!sequence) return pickExamples({ x, y, weights }, [...new Uint8Array(most).keys()]);
  const { lengths, steps } = sequence;
  const longestFirst = [...lengths.keys()].sort((a, b) => lengths[b]! - lengths[a]! || a - b);
  const cut = Math.min(steps, truncate ?? steps);
  const count = Math.min(most, Math.max(1, Math.floor(STEPS / cut)));
  const longest = pickExamples({ x, y, weights }, longestFirst.slice(0, count));
  const { examples: windowed, windows } = inWindows(longest, truncate, count);
  const beginnings = Array.from({ length: count }, (_, example) => example * windows);
  return pickExamples(windowed, beginnings);
}

/** Looking must not be what a run fails for: where there is no memory for it, nothing is seen. */
function traceOf(engine: Engine, spec: NetworkSpec, examples: Examples): Trace | undefined {
  try {
    return recordTrace(engine, spec, examples, undefined);
  } catch (error) {
    if (error instanceof NetworkError && error.code === 'OUT_OF_MEMORY') return undefined;
    throw error;
  }
}

function warningThroughTime(
  { layers, lengths }: Trace,
  flow: readonly LayerFlow[],
  result: string,
): TrainingWarning | undefined {
  const lowest = layers.find(({ recurrent }) => recurrent);
  if (!lowest) return undefined;
  const steps = lengths!.reduce((most, length) => Math.max(most, length), 0);
  const { throughTime } = flow[layers.indexOf(lowest)]!;
  const kind = passage(throughTime!);
  if (!kind) return undefined;
  const mend = kind === 'vanishing' ? remember(lowest) : calm;
  const message =
    `${lowest.path} (${lowest.title}): gradients ${verbs[kind]} through time: over ${steps} steps, δ of the first quarter is ` +
    `${short(throughTime!)} times that of the last, and ${result}. ${mend}`;
  return { code: codes[kind], message, columns: [], layer: lowest.path };
}

function warningDownwards(
  { layers }: Trace,
  flow: readonly LayerFlow[],
  result: string,
): TrainingWarning | undefined {
  // A gradient of exactly zero has been stopped, by weights of zero or dead neurons, rather than vanished.
  const index = flow.findIndex(({ ratio }) => ratio > 0 && passage(ratio));
  if (index < 0) return undefined;
  const { ratio } = flow[index]!;
  const { path, title } = layers[index]!;
  const kind = passage(ratio)!;
  const message =
    `${path} (${title}): gradients ${verbs[kind]} on the way down from the output: δ is ${short(ratio)} times that of the output layer, ` +
    `and ${result}. ${kind === 'vanishing' ? revive : tame}`;
  return { code: codes[kind], message, columns: [], layer: path };
}

const verbs = { vanishing: 'vanish', exploding: 'explode' } as const;
const codes = { vanishing: 'VANISHING_GRADIENT', exploding: 'EXPLODING_GRADIENT' } as const;

/** What helps against gradients that vanish through time. */
function remember({ recurrent }: LayerTrace): string {
  switch (recurrent!.kind) {
    case 'rnn':
      return 'Use lstm or gru, shorter sequences, or the orthogonal starting values that recurrent weights have by default.';
    case 'gru':
      return 'Use lstm, whose forget gate starts open, or shorter sequences.';
    case 'lstm':
      return 'Use shorter sequences, or leave init at its default, which opens the forget gate, or open it wider with a larger bias.';
  }
}

/** What helps against gradients that explode through time. */
export const calm =
  'Train with clipNorm: 1, start recurrent weights orthogonal, as by default, or use shorter sequences.';

const revive =
  'Use relu or another activation that does not flatten out in the hidden layers, init by default, or fewer layers.';
const tame = 'Leave init at its default, which keeps their size, or train with clipNorm: 1.';
