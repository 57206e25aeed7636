import { describe, expect, test } from 'vitest';
import * as abi from '../../src/core/abi.ts';
import type { Core } from '../../src/core/core.ts';
import { createSimdCore } from '../../src/core/instance.ts';
import { JsCore } from '../../src/core/js/core.ts';
import { activationName, optimizerOptions, readOracle } from '../reference/oracle.ts';
import type { OracleNumerics, OracleTraces } from '../reference/oracle.ts';
import { Arena } from './arena.ts';
import { record } from './cases/case.ts';
import { ACTIVATIONS } from './cases/forward.ts';
import { expectClose } from './cases/run.ts';
import { usesOutput } from './reference-kernels.ts';

const numerics = readOracle<OracleNumerics>('numerics.json');
const traces = readOracle<OracleTraces>('optimisers.json');

describe.each([new JsCore(), createSimdCore()])('the $name core', (core) => {
  activationSuite(core);
  crossEntropySuite(core);
  optimizerSuite(core);
});

function activationSuite(core: Core): void {
  test.each(Object.entries(numerics.activations))('%s up to ±1000', (oracleName, { f, df }) => {
    const name = activationName(oracleName);
    const kind = ACTIVATIONS.find(([known]) => known === name)![1];
    const arena = new Arena(core);
    const z = arena.vector(numerics.z);
    const a = arena.vector(numerics.z);
    const derivatives = arena.vector(numerics.z.map(() => 1));
    const b = usesOutput(name) ? a : z;
    arena.run([
      record(abi.OP_ACTIVATE, z, { out: a, a: z }, { kind }),
      record(abi.OP_ACTIVATE_GRADIENT, z, { out: derivatives, a: derivatives, b }, { kind }),
    ]);
    // A function and a few roundings of numbers of the size of the result; 1 − a² doubles the error of a.
    numerics.z.forEach((value, i) => {
      expectClose(arena.read(a)[0][i], f[i], 6, `f(${value})`);
      expectClose(arena.read(derivatives)[0][i], df[i], 12, `f′(${value})`);
    });
  });
}

function crossEntropySuite(core: Core): void {
  test.each(numerics.softmax_cross_entropy)('softmax of $z, class $class', (answer) => {
    const arena = new Arena(core);
    const columns = answer.z.length;
    const a = arena.vector(answer.z);
    const b = arena.vector(answer.z.map((_, j) => (j === answer.class ? 1 : 0)));
    const [s, delta, c] = [arena.vector(answer.z), arena.vector(answer.z), arena.vector([0])];
    const cost = record(abi.OP_SOFTMAX_CROSS_ENTROPY, a, { out: delta, a, b, c }, { scale: 1 });
    arena.run([record(abi.OP_SOFTMAX, a, { out: s, a }), cost]);
    // exp, a sum of `columns` terms, a quotient, a difference; z itself is exact in all of them.
    const units = 6 + columns;
    expectClose(arena.read(c)[0][0], answer.cost, units, 'cost');
    answer.z.forEach((_, j) => {
      expectClose(arena.read(s)[0][j], answer.softmax[j], units, `softmax ${j}`);
      expectClose(arena.read(delta)[0][j], answer.dz[j], units, `δ ${j}`);
    });
  });

  test.each(numerics.binary_cross_entropy)('sigmoid of $z, target $y', (answer) => {
    const arena = new Arena(core);
    const [a, b] = [arena.vector([answer.z]), arena.vector([answer.y])];
    const [delta, c] = [arena.vector([0]), arena.vector([0])];
    const operands = { out: delta, a, b, c };
    arena.run([record(abi.OP_SIGMOID_CROSS_ENTROPY, a, operands, { scale: 1 })]);
    expectClose(arena.read(c)[0][0], answer.cost, 6, 'cost');
    expectClose(arena.read(delta)[0][0], answer.dz, 6, 'δ');
  });
}

const RULES: Record<string, number> = {
  sgd: abi.OP_SGD,
  momentum: abi.OP_MOMENTUM,
  nesterov: abi.OP_NESTEROV,
  rmsprop: abi.OP_RMSPROP,
  adagrad: abi.OP_ADAGRAD,
  adam: abi.OP_ADAM,
  adamw: abi.OP_ADAMW,
};

const REGISTERS: Record<string, number> = {
  learningRate: abi.STATE_LEARNING_RATE,
  momentum: abi.STATE_MOMENTUM,
  beta1: abi.STATE_BETA1,
  beta2: abi.STATE_BETA2,
  epsilon: abi.STATE_EPSILON,
  rho: abi.STATE_RHO,
  weightDecay: abi.STATE_WEIGHT_DECAY,
};

/** Weight decay of a rule other than AdamW is a penalty, another instruction: test/oracle.test.ts has those. */
const known = Object.entries(traces.traces).filter(
  ([, { rule, hyper }]) => rule === 'adamw' || !('weight_decay' in hyper),
);

function optimizerSuite(core: Core): void {
  test.each(known)('ten steps of %s', (_, { rule, hyper, params }) => {
    const arena = new Arena(core);
    const zeros = traces.params0.map(() => 0);
    const [p, b, c] = [arena.vector(traces.params0), arena.vector(zeros), arena.vector(zeros)];
    for (const [name, value] of Object.entries(optimizerOptions(hyper))) {
      arena.setRegister(REGISTERS[name], value);
    }
    arena.setRegister(abi.STATE_BETA1_POWER, 1);
    arena.setRegister(abi.STATE_BETA2_POWER, 1);
    traces.gradients.forEach((gradient, step) => {
      const a = arena.vector(gradient);
      arena.run([{ opcode: abi.OP_NEXT_STEP }, record(RULES[rule], p, { out: p, a, b, c })]);
      // Each step adds the rounding of p and of the step; single precision of another library is off by 4 units at most.
      arena.read(p)[0].forEach((value, i) => {
        expectClose(value, params[step][i], 3 * (step + 1), `step ${step + 1}, parameter ${i}`);
      });
    });
    expect(arena.register(abi.STATE_STEP)).toBe(traces.gradients.length);
  });

  test('the rules are all there', () => {
    expect(new Set(known.map(([, { rule }]) => rule))).toEqual(new Set(Object.keys(RULES)));
  });
}
