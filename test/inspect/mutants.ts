import * as abi from '../../src/core/abi.ts';
import { createCore } from '../../src/core/create.ts';
import { Engine } from '../../src/engine.ts';
import type { NetworkSpec } from '../../src/index.ts';
import { extras } from '../../src/extras.ts';
import { initialise } from '../../src/initialise.ts';
import { Inspector } from '../../src/inspect/inspector.ts';
import { sequences } from '../../src/nn/layers/sequences.ts';
import { type ResolvedSpec, resolveSpec } from '../../src/nn/spec.ts';
import type { Program, Purpose } from '../../src/plan/compile.ts';
import type { Instruction } from '../../src/plan/program.ts';
import { Session } from '../../src/training/session.ts';

/** Edits the instructions of a compiled program. */
export type Mutation = (instructions: Instruction[], rows: number) => void;

/** An engine whose programs that train or make gradients have a bug. */
class MutantEngine extends Engine {
  readonly #mutate: Mutation;
  /** Programs the mutation really changed. */
  changed = 0;

  constructor(resolved: ResolvedSpec, mutate: Mutation) {
    super(createCore('simd'), resolved.model);
    this.#mutate = mutate;
  }

  override compile(rows: number, purpose: Purpose, options?: { keep?: boolean }): Program {
    const program = super.compile(rows, purpose, options);
    const { instructions } = program.builder;
    const before = [...instructions];
    this.#mutate(instructions, rows);
    const same =
      before.length === instructions.length && before.every((old, i) => old === instructions[i]);
    if (!same) this.changed++;
    return program;
  }
}

/** A network with a bug, as far as it can be looked into. */
export function mutant(
  spec: NetworkSpec,
  mutate: Mutation,
): { inspector: Inspector; engine: MutantEngine } {
  const resolved = resolveSpec(spec, sequences);
  const engine = new MutantEngine(resolved, mutate);
  initialise(engine, 1);
  const session = new Session(engine, resolved, { extras });
  return { inspector: new Inspector(engine, session, resolved.spec), engine };
}

/** Replaces the instructions that match. */
export function replace(
  matches: (instruction: Instruction) => boolean,
  change: (instruction: Instruction, rows: number) => Partial<Instruction>,
): Mutation {
  return (instructions, rows) => {
    for (const [index, instruction] of instructions.entries()) {
      if (matches(instruction))
        instructions[index] = { ...instruction, ...change(instruction, rows) };
    }
  };
}

/** Leaves out the instructions that match. */
export function remove(matches: (instruction: Instruction) => boolean): Mutation {
  return (instructions) => {
    instructions.splice(0, instructions.length, ...instructions.filter((i) => !matches(i)));
  };
}

/** Matches instructions of an opcode, and of a kind where one is given. */
export const is =
  (opcode: number, kind?: number) =>
  (instruction: Instruction): boolean =>
    instruction.opcode === opcode && (kind === undefined || instruction.kind === kind);

/** The products by their parts in the equations. */
export const FORWARD = is(abi.OP_MATMUL, abi.MATMUL_NN);
export const BACKWARD = is(abi.OP_MATMUL, abi.MATMUL_NT);
export const WEIGHT_GRADIENT = is(abi.OP_MATMUL, abi.MATMUL_TN);
