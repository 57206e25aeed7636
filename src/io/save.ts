import type { Engine } from '../engine.ts';
import type { NetworkSpec } from '../nn/spec.ts';
import { readContainer, writeContainer } from './container.ts';
import {
  countersOf,
  type NetworkMaker,
  networkTensors,
  plainSpec,
  restore,
  withoutRun,
} from './model.ts';

const WHERE = 'Network.load';

/** Writes a network as a safetensors file: its numbers by name, its spec as JSON in the metadata. */
export function saveNetwork(spec: NetworkSpec, engine: Engine): Uint8Array<ArrayBuffer> {
  const tensors = networkTensors(engine);
  return writeContainer({ spec: plainSpec(spec), counters: countersOf(engine) }, tensors);
}

/** Reads what {@link saveNetwork} wrote, or the network of a checkpoint. */
export function loadNetwork<T>(bytes: unknown, maker: NetworkMaker<T>): T {
  const { document, tensors } = readContainer(bytes, ['spec', 'counters', 'run'], WHERE);
  const own = 'run' in document ? withoutRun(tensors) : tensors;
  return restore(document, own, WHERE, maker);
}
