import { expect, test } from 'vitest';
import * as abi from '../../src/core/abi.ts';
import { epochCases } from './cases/epoch.ts';
import { forwardCases } from './cases/forward.ts';
import { gradientCases } from './cases/gradient.ts';
import { randomCases } from './cases/random.ts';
import { recurrentCases } from './cases/recurrent.ts';
import { sparseCases } from './cases/sparse.ts';
import { stepCases } from './cases/steps.ts';
import { trainingCases } from './cases/training.ts';

const cases = [
  ...forwardCases,
  ...sparseCases,
  ...trainingCases,
  ...gradientCases,
  ...randomCases,
  ...epochCases,
  ...stepCases,
  ...recurrentCases,
];
/** Executed by the interpreters themselves. */
const control = ['OP_REPEAT'];
const constants = (prefix: string): [name: string, value: number][] =>
  Object.entries(abi).filter(([name]) => name.startsWith(prefix));

test.each(constants('OP_').filter(([name]) => !control.includes(name)))(
  '%s has a kernel case',
  (_, opcode) => {
    expect(cases.map((kernelCase) => kernelCase.opcode)).toContain(opcode);
  },
);

test.each([
  ...constants('ACTIVATION_').map(([name, kind]) => [name, abi.OP_ACTIVATE, kind] as const),
  ...constants('ACTIVATION_').map(
    ([name, kind]) => [name, abi.OP_ACTIVATE_GRADIENT, kind] as const,
  ),
  ...constants('LOSS_').map(([name, kind]) => [name, abi.OP_LOSS, kind] as const),
  ...constants('MATMUL_').map(([name, kind]) => [name, abi.OP_MATMUL, kind] as const),
  ['MATMUL_NN', abi.OP_SPARSE_MATMUL, abi.MATMUL_NN] as const,
  ['MATMUL_TN', abi.OP_SPARSE_MATMUL, abi.MATMUL_TN] as const,
])('%s of opcode %d has a kernel case', (_, opcode, kind) => {
  const kinds = cases.filter((kernelCase) => kernelCase.opcode === opcode);
  expect(kinds.map((kernelCase) => kernelCase.kind)).toContain(kind);
});

test('no two opcodes share a number', () => {
  const opcodes = constants('OP_').map(([, opcode]) => opcode);
  expect(new Set(opcodes).size).toBe(opcodes.length);
});
