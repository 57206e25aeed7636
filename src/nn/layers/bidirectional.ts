import { checkKeys, checkName } from '../../checks.ts';
import * as abi from '../../core/abi.ts';
import type { ForwardContext, Layer, LayerPass } from '../../plan/model.ts';
import { copy } from '../../plan/operations.ts';
import type { ProgramBuilder } from '../../plan/program.ts';
import type { Sequence } from '../../plan/sequence.ts';
import type { Tensor } from '../../plan/tensor.ts';
import { createGru, type GruSpec } from './gru.ts';
import { createLstm, type LstmSpec } from './lstm.ts';
import { overSteps, sequenceOf } from './recurrent.ts';
import { createRnn, type RnnSpec } from './rnn.ts';

/** A recurrent layer and its mirror image in time as plain data. */
export interface BidirectionalSpec {
  readonly kind: 'bidirectional';
  /** The layer that both directions are made like. */
  readonly layer: RnnSpec | LstmSpec | GruSpec;
}

const creators = { rnn: createRnn, lstm: createLstm, gru: createGru } as const;

/**
 * A recurrent layer in both directions of time (Schuster and Paliwal 1997): one layer reads each sequence from its first step to its
 * last valid one, another with parameters of its own from there to the first. Their states side by side, [forward | backward], are the output:
 * with `returns: 'all'` those of the same step, with `last` the final state of each direction.
 *
 * Backwards, each half of the gradient goes through its own layer; that of the reversed one is turned round before and after, and
 * the two dC/d input add up.
 *
 * Parameters `layers.i.forward.Wx`, …, `layers.i.backward.Wx`, … as those of the layer. It needs whole sequences, so it cannot be in
 * a network that is run step by step (`stepper`, `truncate`).
 *
 * @param layer - an {@link rnn}, {@link lstm} or {@link gru}
 * @returns a plain value for `layers`; it is checked when a network is made of it
 * @example
 * ```ts
 * const net = new Network({
 *   input: { features: 1 },
 *   layers: [bidirectional(gru(8)), dense(1)],
 *   loss: 'meanSquaredError',
 * });
 * net.parameters[4].name; // 'layers.0.backward.Wx'
 * ```
 */
export function bidirectional(layer: RnnSpec | LstmSpec | GruSpec): BidirectionalSpec {
  return { kind: 'bidirectional', layer };
}

/** Checks a bidirectional layer's data and makes the layer. */
export function createBidirectional(
  spec: BidirectionalSpec,
  inputs: number,
  path: string,
  where: string,
): Layer {
  checkKeys(spec, ['kind', 'layer'], where);
  const inner = `${where}.layer`;
  if (typeof spec.layer !== 'object' || spec.layer === null) checkKeys(spec.layer, [], inner);
  const kinds = Object.keys(creators) as (keyof typeof creators)[];
  const kind = checkName(spec.layer.kind, kinds, `${inner}.kind`);
  const create = creators[kind] as (s: unknown, n: number, path: string, where: string) => Layer;
  const [forwards, backwards] = ['forward', 'backward'].map((direction) =>
    create(spec.layer, inputs, `${path}.${direction}`, inner),
  ) as [Layer, Layer];
  return {
    path,
    title: `bidirectional ${forwards.title}`,
    inputs,
    outputs: 2 * forwards.outputs,
    parameters: [...forwards.parameters, ...backwards.parameters],
    takesNonzeros: true,
    returns: forwards.returns!,
    states: [...forwards.states!, ...backwards.states!],
    wholeSequences: true,
    forward: (context) => forward(context, path, forwards, backwards),
  };
}

function forward(
  context: ForwardContext,
  path: string,
  forwards: Layer,
  backwards: Layer,
): LayerPass {
  const { builder, input, parameters } = context;
  const sequence = sequenceOf(context.sequence, path);
  const count = forwards.parameters.length;
  const units = forwards.outputs;
  const all = forwards.returns === 'all';
  const reversed = reverse(builder, input, `${input.name} reversed`, sequence);
  const one = forwards.forward({ ...context, parameters: parameters.slice(0, count) });
  const other = backwards.forward({
    ...context,
    input: reversed,
    parameters: parameters.slice(count),
  });
  const turn = (tensor: Tensor, name: string): Tensor =>
    all ? reverse(builder, tensor, name, sequence) : tensor;
  const output = builder.tensor(`${path}.a`, one.output.rows, 2 * units);
  const halves = [0, units].map((firstColumn) => ({ firstColumn, columns: units }));
  copyColumns(builder, output, one.output, 0);
  copyColumns(builder, output, turn(other.output, `${path}.backward.h in time`), units);
  return {
    output,
    backward(gradient, inputGradient) {
      const [left, right] = halves.map(({ firstColumn }, index) => {
        const half = builder.tensor(`${gradient.name} of ${index}`, gradient.rows, units);
        copyColumns(builder, half, gradient, 0, firstColumn);
        return half;
      }) as [Tensor, Tensor];
      const below = one.backward(left, inputGradient);
      const turned = other.backward(turn(right, `${right.name} reversed`), inputGradient);
      if (!below || !turned) return undefined;
      const back = reverse(builder, turned, `${turned.name} in time`, sequence);
      builder.emit({
        opcode: abi.OP_ADD,
        out: below,
        a: back,
        text: `${below.name} += ${back.name}`,
      });
      return below;
    },
  };
}

/** The valid steps of each example in reverse order; of tokens, the places of their lists. */
function reverse(
  builder: ProgramBuilder,
  tensor: Tensor,
  name: string,
  sequence: Sequence,
): Tensor {
  const { rows, columns, nonzeros } = tensor;
  const out = nonzeros
    ? builder.sparseTensor(name, rows, columns)
    : builder.tensor(name, rows, columns);
  builder.emit({
    ...overSteps(sequence),
    opcode: abi.OP_REVERSE_STEPS,
    out: out.nonzeros ?? out,
    a: nonzeros ?? tensor,
    text: `${name} = the valid steps of ${tensor.name} in reverse order`,
  });
  return out;
}

/** Copies the narrower matrix to or from a block of columns of the wider one. */
function copyColumns(
  builder: ProgramBuilder,
  out: Tensor,
  a: Tensor,
  firstOfOut: number,
  firstOfA: number = 0,
): void {
  const columns = Math.min(out.columns, a.columns);
  const to = out.part(out.name, { firstColumn: firstOfOut, columns });
  copy(builder, to, a.part(a.name, { firstColumn: firstOfA, columns }));
}
