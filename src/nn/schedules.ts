import { checkKeys, checkName, checkNumber } from '../checks.ts';
import { describe } from '../errors.ts';
import { cosineFall, power } from './portable.ts';

/** A length of training, in epochs (fractions are allowed) or in steps, which are updates. */
export interface Span {
  readonly epochs?: number;
  readonly steps?: number;
}

/** The same rate throughout. */
export interface Constant {
  readonly kind: 'constant';
  readonly factor: number;
}

/** A rate that falls at intervals. */
export interface Step extends Span {
  readonly kind: 'step';
  readonly factor: number;
}

/** A rate that falls by the same share in equal times. */
export interface Exponential extends Span {
  readonly kind: 'exponential';
  readonly factor: number;
}

/** A rate that falls as 1/t. */
export interface InverseTime extends Span {
  readonly kind: 'inverseTime';
  readonly decay: number;
}

/** A rate that falls along half a cosine, once or again and again. */
export interface Cosine extends Span {
  readonly kind: 'cosine';
  readonly minimum: number;
  readonly restarts?: number;
}

/** A rate that rises linearly before another schedule takes over. */
export interface WarmUp extends Span {
  readonly kind: 'warmUp';
  readonly from: number;
  readonly next: Schedule;
}

/** A rate that rises and falls once. */
export interface OneCycle extends Span {
  readonly kind: 'oneCycle';
  readonly rise: number;
  readonly start: number;
  readonly end: number;
}

/** A rate that falls whenever a measure has stopped improving. */
export interface ReduceOnPlateau {
  readonly kind: 'reduceOnPlateau';
  readonly monitor?: string;
  readonly factor: number;
  readonly patience: number;
  readonly minDelta: number;
  readonly minimum: number;
}

/**
 * A schedule as a function: the factor of the learning rate, ≥ 0, for the update after `step` updates and `epoch` whole epochs, both
 * from 0. The same bits everywhere are then up to the function: `**` and most of `Math` differ between engines.
 */
export type ScheduleFunction = (step: number, epoch: number) => number;

/** How the learning rate changes: each step's rate is the optimizer's `learningRate` times the factor of the schedule. */
export type Schedule =
  | Constant
  | Step
  | Exponential
  | InverseTime
  | Cosine
  | WarmUp
  | OneCycle
  | ReduceOnPlateau
  | ScheduleFunction;

/**
 * The same rate throughout: factor.
 *
 * @param options.factor - > 0; 1 when absent
 * @throws {TypeError | RangeError} for unknown options or values out of range, as all schedules
 * @example
 * ```ts
 * warmUp({ steps: 100, next: constant() }).next; // { kind: 'constant', factor: 1 }
 * ```
 */
export function constant(options: { factor?: number } = {}): Constant {
  return checkSchedule({ kind: 'constant', factor: 1, ...options }, 'constant') as Constant;
}

/**
 * Falls at intervals: factor^⌊t/T⌋ (PyTorch's StepLR; with `epochs: 1` its ExponentialLR).
 *
 * @param options.epochs - T in epochs; or `steps`, T in updates
 * @param options.factor - from above 0 to 1; 0.1 when absent
 * @example
 * ```ts
 * step({ epochs: 10, factor: 0.5 }); // { kind: 'step', factor: 0.5, epochs: 10 }
 * ```
 */
export function step(options: Span & { factor?: number }): Step {
  return checkSchedule({ kind: 'step', factor: 0.1, ...options }, 'step') as Step;
}

/**
 * Falls by the same share in equal times, with every step: factor^(t/T) (Keras' ExponentialDecay). For the same rate throughout an
 * epoch, see {@link step}.
 *
 * @param options.factor - from above 0 to 1
 * @param options.epochs - T in epochs; 1 when absent; or `steps`, T in updates
 * @example
 * ```ts
 * exponential({ factor: 0.95 }); // { kind: 'exponential', factor: 0.95, epochs: 1 }
 * ```
 */
export function exponential(options: Span & { factor: number }): Exponential {
  const schedule = { kind: 'exponential', ...options, ...oneEpoch(options) };
  return checkSchedule(schedule, 'exponential') as Exponential;
}

/**
 * Falls as 1/t: 1 / (1 + decay · t/T) (Robbins and Monro 1951; Keras' InverseTimeDecay).
 *
 * @param options.decay - > 0; 1 when absent
 * @param options.epochs - T in epochs; 1 when absent; or `steps`, T in updates
 * @example
 * ```ts
 * inverseTime({ decay: 0.5 }); // { kind: 'inverseTime', decay: 0.5, epochs: 1 }
 * ```
 */
export function inverseTime(options: Span & { decay?: number } = {}): InverseTime {
  const schedule = { kind: 'inverseTime', decay: 1, ...options, ...oneEpoch(options) };
  return checkSchedule(schedule, 'inverseTime') as InverseTime;
}

/**
 * Falls along half a cosine from 1 to `minimum`: minimum + (1 − minimum) · ½ (1 + cos(π t/T)), then stays there. With restarts it
 * jumps back to 1 after each period, and each period is `restarts` times as long as the one before (SGDR, Loshchilov and Hutter 2017).
 *
 * @param options.epochs - T in epochs; or `steps`, T in updates; to the end of the run when absent
 * @param options.minimum - from 0 to 1; 0 when absent
 * @param options.restarts - ≥ 1; no restarts when absent
 * @example
 * ```ts
 * net.fitSync({ x, y }, { epochs: 30, schedule: cosine({ epochs: 10, restarts: 2 }) }); // periods of 10 and 20 epochs
 * ```
 */
export function cosine(options: Span & { minimum?: number; restarts?: number } = {}): Cosine {
  return checkSchedule({ kind: 'cosine', minimum: 0, ...options }, 'cosine') as Cosine;
}

/**
 * Rises linearly, then hands over: the k-th of n warm-up steps, k from 1, has the factor from + (1 − from) · k/n. Behind them the
 * schedule `next` begins at its time 0 (Goyal et al. 2017).
 *
 * @param options.steps - n in updates; or `epochs`, rounded up to whole updates
 * @param options.from - from 0 to 1; 0 when absent
 * @param options.next - the schedule behind the warm-up; constant when absent
 * @example
 * ```ts
 * net.fitSync({ x, y }, { epochs: 20, schedule: warmUp({ epochs: 2, next: cosine() }) });
 * ```
 */
export function warmUp(options: Span & { from?: number; next?: Schedule }): WarmUp {
  const schedule = { kind: 'warmUp', from: 0, next: constant(), ...options };
  return checkSchedule(schedule, 'warmUp') as WarmUp;
}

/**
 * Rises along half a cosine from `start` to 1, the optimizer's rate, then falls along another to `end` (Smith and Topin 2018, in the
 * form of PyTorch's OneCycleLR with its cosine; the momentum stays as it is): of N steps, numbered from 0, the highest is number
 * rise · N − 1 and the lowest the last.
 *
 * @param options.epochs - N in epochs; or `steps`; the whole run when absent
 * @param options.rise - share of the steps spent rising, from 0 to 1; 0.3 when absent
 * @param options.start - from 0 to 1; 1/25 when absent
 * @param options.end - from 0 to 1; 4e-6 when absent
 * @example
 * ```ts
 * net.fitSync({ x, y }, { epochs: 10, optimizer: sgd({ learningRate: 1 }), schedule: oneCycle() });
 * ```
 */
export function oneCycle(
  options: Span & { rise?: number; start?: number; end?: number } = {},
): OneCycle {
  const schedule = { kind: 'oneCycle', rise: 0.3, start: 0.04, end: 4e-6, ...options };
  return checkSchedule(schedule, 'oneCycle') as OneCycle;
}

/**
 * Multiplies the rate by `factor` when a measure has not improved for `patience` epochs in a row, and starts counting anew.
 *
 * @param options.monitor - a measure as in `earlyStopping`; the validation loss, or the cost where there is no validation, when absent
 * @param options.factor - from above 0 to 1; 0.1 when absent
 * @param options.patience - epochs, ≥ 1; 10 when absent
 * @param options.minDelta - by how much better counts as an improvement, ≥ 0; 0 when absent
 * @param options.minimum - the product of the factors does not fall below it; 0 when absent
 * @example
 * ```ts
 * const schedule = reduceOnPlateau({ monitor: 'cost', factor: 0.5, patience: 3 });
 * net.fitSync({ x, y }, { epochs: 50, schedule });
 * ```
 */
export function reduceOnPlateau(
  options: {
    monitor?: string;
    factor?: number;
    patience?: number;
    minDelta?: number;
    minimum?: number;
  } = {},
): ReduceOnPlateau {
  const defaults = { factor: 0.1, patience: 10, minDelta: 0, minimum: 0 };
  const schedule = { kind: 'reduceOnPlateau', ...defaults, ...options };
  return checkSchedule(schedule, 'reduceOnPlateau') as ReduceOnPlateau;
}

/** The length where none is given; called before the options are checked. */
function oneEpoch(options: Span | null | undefined): Span {
  const { epochs, steps } = options ?? {};
  return epochs === undefined && steps === undefined ? { epochs: 1 } : {};
}

const anySpan = ['epochs', 'steps'] as const;
const falling = { low: 0, high: 1, above: true };
const share = { low: 0, high: 1 };

/** The numbers of each kind of schedule and where they may lie; whether it has a length, and whether that may be left out. */
const kinds = {
  constant: { numbers: { factor: { low: 0, above: true } } },
  step: { numbers: { factor: falling }, span: 'needed' },
  exponential: { numbers: { factor: falling }, span: 'needed' },
  inverseTime: { numbers: { decay: { low: 0, above: true } }, span: 'needed' },
  cosine: { numbers: { minimum: share, restarts: { low: 1 } }, span: 'optional' },
  warmUp: { numbers: { from: share }, span: 'needed', others: ['next'] },
  oneCycle: { numbers: { rise: share, start: share, end: share }, span: 'optional' },
  reduceOnPlateau: {
    numbers: {
      factor: falling,
      patience: { low: 1 },
      minDelta: { low: 0 },
      minimum: share,
    },
    others: ['monitor'],
  },
} as const satisfies Record<string, Kind>;

interface Kind {
  readonly numbers: Readonly<Record<string, { low: number; high?: number; above?: boolean }>>;
  readonly span?: 'needed' | 'optional';
  readonly others?: readonly string[];
}

/** Checks a schedule that came as plain data, or as a function. */
export function checkSchedule(value: unknown, where: string): Schedule {
  if (typeof value === 'function') return value as ScheduleFunction;
  if (typeof value !== 'object' || value === null) {
    throw new TypeError(
      `${where}: expected a schedule such as cosine(), or a function of (step, epoch), got ${describe(value)}.`,
    );
  }
  const schedule = value as Record<string, unknown>;
  const names = Object.keys(kinds) as (keyof typeof kinds)[];
  const {
    numbers,
    span,
    others = [],
  }: Kind = kinds[checkName(schedule['kind'], names, `${where}.kind`)];
  const spanKeys = span ? anySpan : [];
  checkKeys(value, ['kind', ...Object.keys(numbers), ...spanKeys, ...others], where);
  for (const [name, range] of Object.entries(numbers)) {
    if (name === 'restarts' && schedule[name] === undefined) continue;
    checkNumber(schedule[name], `${where}.${name}`, range);
  }
  if (span) checkSpan(schedule, where, span === 'needed');
  if (schedule['kind'] === 'warmUp') checkSchedule(schedule['next'], `${where}.next`);
  return Object.freeze({ ...schedule }) as unknown as Schedule;
}

function checkSpan(schedule: Record<string, unknown>, where: string, needed: boolean): void {
  const given = anySpan.filter((key) => schedule[key] !== undefined);
  if (given.length > 1 || (needed && given.length === 0)) {
    throw new RangeError(
      `${where}: expected either epochs or steps, got ${given.length === 0 ? 'none' : 'both'}.`,
    );
  }
  for (const key of given) checkNumber(schedule[key], `${where}.${key}`, { low: 0, above: true });
}

/** The part of a schedule that reacts to a measure, if any. */
export function plateauOf(schedule: Schedule): ReduceOnPlateau | undefined {
  if (typeof schedule === 'function') return undefined;
  if (schedule.kind === 'warmUp') return plateauOf(schedule.next);
  return schedule.kind === 'reduceOnPlateau' ? schedule : undefined;
}

/** How far training is, and how far it will go. */
export interface ScheduleTime {
  /** Updates made so far. */
  readonly step: number;
  /** Updates in the whole run. */
  readonly steps: number;
  readonly stepsPerEpoch: number;
  /** The product of the factors of a {@link reduceOnPlateau} so far. */
  readonly plateau: number;
}

/**
 * The factor of the learning rate for the next update.
 *
 * @throws {RangeError} when a schedule given as a function returns anything but a finite number ≥ 0
 */
export function scheduleFactor(schedule: Schedule, time: ScheduleTime): number {
  const now = time.step;
  if (typeof schedule === 'function') return functionFactor(schedule, time);
  switch (schedule.kind) {
    case 'constant':
      return schedule.factor;
    case 'step':
      return power(schedule.factor, Math.floor(now / inSteps(schedule, time)));
    case 'exponential':
      return power(schedule.factor, now / inSteps(schedule, time));
    case 'inverseTime':
      return 1 / (1 + (schedule.decay * now) / inSteps(schedule, time));
    case 'cosine':
      return cosineFactor(schedule, time);
    case 'warmUp':
      return warmUpFactor(schedule, time);
    case 'oneCycle':
      return oneCycleFactor(schedule, time);
    case 'reduceOnPlateau':
      return time.plateau;
  }
}

function functionFactor(schedule: ScheduleFunction, { step, stepsPerEpoch }: ScheduleTime): number {
  const epoch = Math.floor(step / stepsPerEpoch);
  const factor = schedule(step, epoch);
  if (typeof factor === 'number' && factor >= 0 && factor < Infinity) return factor;
  throw new RangeError(
    `schedule(${step}, ${epoch}): expected a finite number ≥ 0, got ${describe(factor)}.`,
  );
}

/** A span in steps, possibly a fraction; the whole run when none is given. */
function inSteps({ epochs, steps }: Span, time: ScheduleTime): number {
  if (steps !== undefined) return steps;
  return epochs === undefined ? time.steps : epochs * time.stepsPerEpoch;
}

/** From `high` to `low` along half a cosine, x from 0 to 1. */
function fall(high: number, low: number, x: number): number {
  return low + (high - low) * cosineFall(x);
}

function cosineFactor(schedule: Cosine, time: ScheduleTime): number {
  const { minimum, restarts } = schedule;
  let period = inSteps(schedule, time);
  let since = time.step;
  if (restarts === undefined) return fall(1, minimum, Math.min(since / period, 1));
  if (restarts === 1) since -= Math.floor(since / period) * period;
  while (since >= period) {
    since -= period;
    period *= restarts;
  }
  return fall(1, minimum, since / period);
}

function warmUpFactor(schedule: WarmUp, time: ScheduleTime): number {
  const { from, next } = schedule;
  const warm = Math.ceil(inSteps(schedule, time));
  if (time.step < warm) return from + ((1 - from) * (time.step + 1)) / warm;
  return scheduleFactor(next, { ...time, step: time.step - warm, steps: time.steps - warm });
}

function oneCycleFactor(schedule: OneCycle, time: ScheduleTime): number {
  const { rise, start, end } = schedule;
  const steps = inSteps(schedule, time);
  const top = rise * steps - 1;
  if (time.step < top) return fall(1, start, 1 - time.step / top);
  const bottom = Math.max(steps - 1, top + 1);
  return fall(1, end, Math.min((time.step - Math.max(top, 0)) / (bottom - Math.max(top, 0)), 1));
}
