import { checkInteger, checkKeys, checkNumber } from '../checks.ts';
import { STREAM_SAMPLE } from '../core/abi.ts';
import { exp, log } from '../core/js/math.ts';
import { randomUniform } from '../core/js/random.ts';
import type { DataReader } from '../data/reader.ts';
import type { Engine } from '../engine.ts';
import { describe } from '../errors.ts';
import { createStepper, type Stepper } from './stepper.ts';

/** How to go on with a sequence of tokens. */
export interface GenerateOptions {
  /** Tokens to generate, ≥ 1. */
  readonly length: number;
  /** Probabilities become p^(1/temperature), made to add up to 1: below 1 bolder, above 1 more various, 0 always the likeliest; 1 when absent. */
  readonly temperature?: number;
  /** Only the so many likeliest tokens are drawn from; all when absent. */
  readonly topK?: number;
  /** Decides what is drawn: the same seed gives the same tokens; that of the network when absent. */
  readonly seed?: number;
}

/** Checked options of a generation. */
interface Sampling {
  readonly temperature: number;
  readonly topK: number;
}

/** Checks the network, and generates with a stepper of its own. */
export function generateTokens(
  engine: Engine,
  reader: DataReader,
  prompt: ArrayLike<number>,
  options: GenerateOptions & { readonly seed: number },
): number[] {
  engine.checkAlive();
  const { sequence, inputs, outputs, loss } = engine.model;
  if (!sequence?.tokens || outputs !== inputs || loss.name !== 'crossEntropy') {
    throw new TypeError(
      'generate: this network does not predict tokens. Give it input: { vocabulary: n }, an output dense(n, ' +
        "'softmax') and the loss 'crossEntropy'.",
    );
  }
  const stepper = createStepper(engine, reader, {});
  try {
    return generate(stepper, outputs, prompt, options);
  } finally {
    stepper.dispose();
  }
}

/** Feeds a prompt and then every token drawn to a stepper. */
function generate(
  stepper: Stepper,
  vocabulary: number,
  prompt: ArrayLike<number>,
  options: GenerateOptions & { readonly seed: number },
): number[] {
  checkKeys(options, ['length', 'temperature', 'topK', 'seed'], 'generate');
  const length = checkInteger(options.length, 'length', 1);
  const seed = checkInteger(options.seed, 'seed', 0);
  const sampling = {
    temperature: checkNumber(options.temperature ?? 1, 'temperature', { low: 0 }),
    topK: checkInteger(options.topK ?? vocabulary, 'topK', 1, vocabulary),
  };
  const isList = Array.isArray(prompt) || (ArrayBuffer.isView(prompt) && 'length' in prompt);
  if (!isList || prompt.length === 0) {
    throw new TypeError(
      `prompt: expected an array of at least one token, got ${isList ? 'none' : describe(prompt)}.`,
    );
  }
  const chances = new Float32Array(length);
  randomUniform(chances, 0, 1, seed % 2 ** 32, Math.floor(seed / 2 ** 32), STREAM_SAMPLE, 0);
  let probabilities = new Float32Array();
  for (const token of Array.from(prompt))
    probabilities = stepper.step(token) as typeof probabilities;
  const tokens: number[] = [];
  while (tokens.length < length) {
    const token = draw(probabilities, chances[tokens.length]!, sampling);
    tokens.push(token);
    if (tokens.length < length) probabilities = stepper.step(token) as typeof probabilities;
  }
  return tokens;
}

/** The token that a number from 0 to 1 falls on when the tokens divide that range by their probabilities, the likeliest first. */
export function draw(
  probabilities: ArrayLike<number>,
  chance: number,
  { temperature, topK }: Sampling,
): number {
  const ranked = Array.from(probabilities, (_, token) => token)
    .sort((a, b) => probabilities[b]! - probabilities[a]! || a - b)
    .slice(0, temperature === 0 ? 1 : topK);
  const likeliest = log(probabilities[ranked[0]!]!);
  const weights = ranked.map((token) =>
    temperature === 0
      ? 1
      : exp(Math.fround((log(probabilities[token]!) - likeliest) / temperature)),
  );
  let left = chance * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [rank, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return ranked[rank]!;
  }
  return ranked[0]!;
}
