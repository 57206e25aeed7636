import type { Engine } from '../engine.ts';
import type { NetworkSpec } from '../nn/spec.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { checkDocument, FORMAT_VERSION } from './container.ts';
import { badFile, quote, shapeText } from './errors.ts';
import {
  type Counters,
  countersOf,
  type NetworkMaker,
  networkTensors,
  plainSpec,
  restore,
  tensorsOf,
} from './model.ts';
import type { StateTensor } from './safetensors.ts';
import { parseStrictJson } from './strict-json.ts';
import type { TensorShape } from './tensors.ts';

/** A network as JSON data. */
export interface NetworkJson {
  readonly format: 'chainrule';
  /** Of this form of data. */
  readonly version: number;
  readonly spec: NetworkSpec;
  /** How far its random streams are. */
  readonly counters: Counters;
  /** Parameters, and what normalises features, by name: 32-bit floating point numbers, row-major, little-endian, as base64. */
  readonly tensors: Readonly<Record<string, string>>;
}

const WHERE = 'Network.fromJSON';

/** A network as plain data that JSON holds to the last bit. */
export function networkToJson(spec: NetworkSpec, engine: Engine): NetworkJson {
  const tensors = Object.entries(networkTensors(engine)).map(
    ([name, { values }]) => [name, toBase64(new Uint8Array(values.buffer))] as const,
  );
  return {
    format: 'chainrule',
    version: FORMAT_VERSION,
    spec: plainSpec(spec),
    counters: countersOf(engine),
    tensors: Object.fromEntries(tensors),
  };
}

/** Makes a network of what {@link networkToJson} made, or of its JSON text. */
export function networkFromJson<T>(json: unknown, maker: NetworkMaker<T>): T {
  const value = typeof json === 'string' ? parseStrictJson(json, WHERE) : json;
  const document = checkDocument(value, ['format', 'spec', 'counters', 'tensors'], WHERE);
  if (document.format !== 'chainrule') {
    throw badFile(WHERE, "expected format: 'chainrule', which net.toJSON() writes.");
  }
  const texts = document.tensors;
  if (typeof texts !== 'object' || texts === null) {
    throw badFile(`${WHERE}: tensors`, 'expected an object of base64 texts.');
  }
  const expected = tensorsOf(document.spec, Object.keys(texts), WHERE, maker.sequences);
  const shapes = new Map(expected.map(({ name, shape }) => [name, shape]));
  const tensors = Object.entries(texts).map(
    ([name, text]) => [name, decode(text, { name, shape: shapes.get(name) ?? [] })] as const,
  );
  return restore(document, Object.fromEntries(tensors), WHERE, maker);
}

function decode(text: unknown, { name, shape }: TensorShape): StateTensor {
  const where = `${WHERE}: tensors: ${quote(name)}`;
  const bytes = typeof text === 'string' ? fromBase64(text) : undefined;
  if (!bytes) throw badFile(where, 'expected a base64 text.');
  const expected = shape.reduce((product, size) => product * size, 4);
  if (shape.length > 0 && bytes.length !== expected) {
    throw badFile(
      where,
      `expected ${expected} bytes for shape ${shapeText(shape)}, got ${bytes.length}.`,
    );
  }
  return { shape, values: new Float32Array(bytes.buffer, 0, bytes.length >> 2) };
}
