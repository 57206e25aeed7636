import { describe, expect, it } from 'vitest';
import {
  dense,
  type EarlyStopping,
  type FitOptions,
  type History,
  Network,
  type NetworkSpec,
  sgd,
} from '../../src/index.ts';

/** One weight, whose loss on x = 1, y = 0 is its square. */
const spec: NetworkSpec = {
  input: 1,
  layers: [dense(1, 'linear', { bias: false, init: { W: [2] } })],
  loss: 'squaredError',
  seed: 1,
};
const data = { x: [[1]], y: [[0]] };
const learningRate = 0.5;

/** Every epoch is one step of −2 · 0.5 · factor · w, so a schedule can lead the weight to ±√loss for any next loss. */
function leading(losses: readonly number[]): (step: number) => number {
  const weights = [2, ...losses.map((loss, index) => Math.sqrt(loss) * (index % 2 ? 1 : -1))];
  return (step) => 1 - weights[step + 1]! / weights[step]!;
}

/** Trains along these losses on the validation data. */
function train(
  losses: readonly number[],
  earlyStopping: EarlyStopping,
  options: Partial<FitOptions> = {},
): { history: History; loss: number } {
  using net = new Network(spec);
  const history = net.fitSync(data, {
    epochs: losses.length,
    optimizer: sgd({ learningRate }),
    schedule: leading(losses),
    validation: data,
    earlyStopping,
    ...options,
  });
  return { history, loss: net.evaluate(data).loss };
}

describe('early stopping', () => {
  const losses = [1, 0.5, 0.6, 0.7, 0.4, 0.5, 0.45, 0.6, 0.1];

  it('stops after epochs without improvement and restores the best', () => {
    const two = train(losses, { patience: 2 });
    expect(two.history).toMatchObject({ stoppedBy: 'earlyStopping', bestEpoch: 2 });
    expect(two.history.reports).toHaveLength(4);
    expect(two.loss).toBeCloseTo(0.5, 5);

    const three = train(losses, { patience: 3 });
    expect(three.history).toMatchObject({ stoppedBy: 'earlyStopping', bestEpoch: 5 });
    expect(three.history.reports).toHaveLength(8);
    expect(three.loss).toBeCloseTo(0.4, 5);
  });

  it('restores the best of a run that came to its end', () => {
    const { history, loss } = train([1, 0.5, 0.7, 0.6], { patience: 9 });
    expect(history).toMatchObject({ stoppedBy: 'epochs', bestEpoch: 2 });
    expect(loss).toBeCloseTo(0.5, 5);
  });

  it('leaves the last parameters where nothing is to be restored', () => {
    const { history, loss } = train(losses, { patience: 2, restoreBest: false });
    expect(history.bestEpoch).toBe(2);
    expect(loss).toBeCloseTo(0.7, 5);
  });

  it('counts only improvements by more than minDelta', () => {
    const { history } = train([1, 0.9, 0.8, 0.7, 0.6], { patience: 2, minDelta: 0.25 });
    // 1 is the best until 0.7.
    expect(history).toMatchObject({ stoppedBy: 'earlyStopping', bestEpoch: 1 });
    const slower = train([1, 0.9, 0.8, 0.7, 0.6], { patience: 3, minDelta: 0.25 });
    expect(slower.history).toMatchObject({ stoppedBy: 'epochs', bestEpoch: 4 });
  });

  it('has the first epoch for its best when nothing ever improves on it', () => {
    const { history, loss } = train([1, 1.5, 2, 2.5], { patience: 2 });
    expect(history).toMatchObject({ stoppedBy: 'earlyStopping', bestEpoch: 1 });
    expect(history.reports).toHaveLength(3);
    expect(loss).toBeCloseTo(1, 5);
  });

  it('watches the cost where there is no validation, and what it is told to', () => {
    // The cost of an epoch is that before its step: one epoch behind the validation loss.
    const withoutValidation = train(
      [1, 0.5, 0.6, 0.7, 0.8],
      { patience: 2 },
      {
        validation: undefined as never,
      },
    );
    expect(withoutValidation.history).toMatchObject({ stoppedBy: 'earlyStopping', bestEpoch: 3 });
    const cost = train([1, 0.5, 0.6, 0.7, 0.8], { monitor: 'cost', patience: 2 });
    expect(cost.history).toMatchObject({ stoppedBy: 'earlyStopping', bestEpoch: 3 });
  });

  it('takes more for better where it is', () => {
    const falling = [1, 0.5, 0.25, 0.125];
    const metrics = ['meanAbsoluteError', 'r2'] as const;
    const error = train(
      falling,
      { monitor: 'validation.meanAbsoluteError', patience: 1 },
      { metrics },
    );
    expect(error.history).toMatchObject({ stoppedBy: 'epochs', bestEpoch: 4 });
    // A single target has no spread: R² is 0 throughout, and never improves.
    const r2 = train(falling, { monitor: 'validation.r2', patience: 2 }, { metrics });
    expect(r2.history).toMatchObject({ stoppedBy: 'earlyStopping', bestEpoch: 1 });
  });

  it('restores the best after an abort', async () => {
    using net = new Network(spec);
    const stop = new AbortController();
    const { bestEpoch, stoppedBy } = await net.fit(data, {
      epochs: 6,
      optimizer: sgd({ learningRate }),
      schedule: leading([1, 0.5, 0.6, 0.7, 0.8, 0.9]),
      validation: data,
      signal: stop.signal,
      earlyStopping: {},
      onEpoch: ({ epoch }) => {
        if (epoch === 4) stop.abort();
      },
    });
    expect({ bestEpoch, stoppedBy }).toEqual({ bestEpoch: 2, stoppedBy: 'abort' });
    expect(net.evaluate(data).loss).toBeCloseTo(0.5, 5);
  });

  it('restores the best after an error', () => {
    using net = new Network(spec);
    const path = leading([1, 0.5, 0.6]);
    const diverging = (): History =>
      net.fitSync(data, {
        epochs: 9,
        optimizer: sgd({ learningRate }),
        schedule: (now) => (now < 3 ? path(now) : 1e30),
        validation: data,
        earlyStopping: {},
      });
    expect(diverging).toThrow(expect.objectContaining({ code: 'DIVERGED' }));
    expect(net.evaluate(data).loss).toBeCloseTo(0.5, 5);
  });

  it('keeps what was learned when no epoch has ended', () => {
    using net = new Network(spec);
    const options = { epochs: 3, validation: data, earlyStopping: {} };
    const history = net.fitSync(data, { ...options, signal: AbortSignal.abort() });
    expect(history.stoppedBy).toBe('abort');
    expect('bestEpoch' in history).toBe(false);
    expect(net.evaluate(data).loss).toBe(4);
  });

  it('says what it cannot watch', () => {
    using net = new Network(spec);
    const run = (earlyStopping: EarlyStopping): unknown =>
      net.fitSync(data, { epochs: 1, earlyStopping });
    expect(() => run({ monitor: 'validation.loss' })).toThrow(/earlyStopping\.monitor.*cost/);
    expect(() => run({ monitor: 'csot' })).toThrow(/Did you mean 'cost'/);
    expect(() => run({ monitor: 'validation.loss' })).toThrow(
      /'validation\.loss' needs validation data\. Pass validation/,
    );
    const validated = (monitor: string): unknown =>
      net.fitSync(data, { epochs: 1, validation: data, earlyStopping: { monitor } });
    expect(() => validated('validation.r2')).toThrow(/is not measured\. Add 'r2' to metrics/);
    expect(() => validated('validation.r3')).toThrow(/unknown name/);
    expect(() => validated('accuracy')).toThrow(/Add 'accuracy' to metrics/);
    expect(() => run({ monitor: 3 as never })).toThrow(TypeError);
    expect(() => run({ patience: 0 })).toThrow(/earlyStopping\.patience.*≥ 1/);
    expect(() => run({ patiense: 1 } as never)).toThrow(/Did you mean 'patience'/);
    expect(() => run({ minDelta: -1 })).toThrow(/earlyStopping\.minDelta/);
    expect(() => run({ restoreBest: 1 as never })).toThrow(/earlyStopping\.restoreBest/);
  });
});
