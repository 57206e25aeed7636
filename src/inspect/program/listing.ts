import * as abi from '../../core/abi.ts';
import type { Engine, PlacedProgram } from '../../engine.ts';
import type { Program } from '../../plan/compile.ts';
import type { Instruction } from '../../plan/program.ts';
import type { SequenceShape } from '../../plan/sequence.ts';
import { writeRows } from '../../plan/tensor.ts';
import { writeInputs } from '../../training/batch.ts';
import { type ResolvedStep, startStep, stepPlan } from '../../training/step.ts';
import {
  bytesOf,
  type Equation,
  equationOf,
  flopsOf,
  isShrinking,
  opcodeName,
  operandsOf,
  type Role,
} from './operations.ts';
import { timeSection } from './profile.ts';

/** An instruction of the program that a training step runs. */
export interface ProgramInstruction {
  /** Name in `src/core/abi.ts`: `MATMUL`. */
  readonly opcode: string;
  /** The formula with the names of the operands. */
  readonly text: string;
  /** Which part of a step it is. */
  readonly equation: Equation;
  /** `out` is written, the others are read (or written besides, as moments are). */
  readonly operands: readonly ProgramOperand[];
  /** Floating-point operations. A product counts two for each pair of numbers, a function such as exp one. */
  readonly flops: number;
  /** Bytes read and written when every number of the operands is touched once. */
  readonly bytes: number;
  /** Microseconds of one execution, its operands in the caches; only of a profile. */
  readonly microseconds?: number;
}

/** An operand with its shape. */
export interface ProgramOperand {
  readonly role: Role;
  /** Its name in formulas; a `∂C/∂` in front marks a derivative. */
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
}

/** Describes the program of one training step; with `profile`, runs and times each of its instructions. */
export function programInstructions(
  engine: Engine,
  rows: number,
  step: ResolvedStep,
  profile: boolean,
  shape: SequenceShape | undefined,
): ProgramInstruction[] {
  const purpose = { kind: 'train', step: stepPlan(step) } as const;
  const program = engine.compile(rows, purpose, { keep: profile, shape });
  const times = profile ? profileInstructions(engine, program, step) : undefined;
  let outputLayer = true;
  return program.builder.instructions.map((instruction, index) => {
    const equation = equationOf(instruction);
    if (isTransposedProduct(instruction)) outputLayer = false;
    return {
      opcode: opcodeName(instruction.opcode),
      text: instruction.text,
      equation: equation === 'BP2' && outputLayer ? 'BP1' : equation,
      operands: operandsOf(instruction).map(([role, { name, rows, columns }]) => ({
        role,
        name,
        rows,
        columns,
      })),
      flops: flopsOf(instruction),
      bytes: bytesOf(instruction),
      ...(times && { microseconds: times[index]! }),
    };
  });
}

/** The product that carries δ to the layer below: up to the first one, the backward pass is at the output layer. */
function isTransposedProduct({ opcode, kind }: Instruction): boolean {
  return opcode === abi.OP_MATMUL && kind === abi.MATMUL_NT;
}

/**
 * Microseconds of each instruction, repeated on its own with the operands of a real step; inputs are spread over [0, 1), targets are
 * one-hot. The caller puts the parameters back.
 */
function profileInstructions(engine: Engine, compiled: Program, step: ResolvedStep): number[] {
  const program = engine.install(compiled, 'a program to be profiled');
  try {
    const { target, builder } = program;
    writeExamples(engine, program);
    writeRows(engine.core.buffer, target, oneHot(target.rows, target.columns));
    startStep(engine, step);
    const restore = engine.snapshot();
    const refresh = (): void => {
      restore();
      engine.run(program);
    };
    return builder.instructions.map((instruction, first) => {
      refresh();
      const section = { first, count: 1 };
      return isShrinking(instruction)
        ? timeSection(engine, program, section, { most: 1, refresh })
        : timeSection(engine, program, section);
    });
  } finally {
    program.free();
  }
}

/** Spread numbers, or tokens one after the other, in sequences that are valid to the end. */
function writeExamples(engine: Engine, program: PlacedProgram): void {
  const { input, rows, sequence } = program;
  const tokens = engine.model.sequence?.tokens;
  const values = tokens
    ? Float32Array.from({ length: input.rows }, (_, index) => index % input.columns)
    : spread(input.rows * input.columns);
  const matrix = { rows: input.rows, columns: input.columns, values, examples: rows };
  if (!sequence) return writeInputs(engine, program, matrix);
  const lengths = new Uint32Array(rows).fill(sequence.steps);
  const time = { steps: sequence.steps, lengths, lengthsGiven: false, states: undefined };
  writeInputs(engine, program, { ...matrix, sequence: time });
}

/** Numbers spread evenly over [0, 1): multiples of the golden ratio, without their whole part. */
function spread(count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => (index * 0.6180339887498949) % 1);
}

function oneHot(rows: number, columns: number): Float32Array {
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) values[row * columns + (row % columns)] = 1;
  return values;
}
