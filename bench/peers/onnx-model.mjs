/**
 * Writes the few messages of the ONNX format that a dense network needs. A message is a sequence of fields, each a number and a type
 * in one varint, then a varint (type 0) or a length and that many bytes (type 2).
 */

/** Versions that the runtime reads. */
const IR_VERSION = 8;
const OPSET = 17;

const FLOAT = 1;
const ATTRIBUTE_INT = 2;

/** @typedef {{ weights: import('./task.mjs').Matrix, bias: Float32Array }} Layer */

/**
 * A network from `x` to `output`: Gemm and an activation per layer.
 *
 * @param {Layer[]} layers - weights: [units, inputs]
 * @param {{ hidden: string, last: string }} activations - names of ONNX operators
 * @returns {Uint8Array} the bytes of a model file
 */
export function encodeModel(layers, { hidden, last }) {
  const nodes = layers.flatMap((_, index) => {
    const isLast = index === layers.length - 1;
    const input = index === 0 ? 'x' : `a${index - 1}`;
    return [
      node('Gemm', [input, `w${index}`, `b${index}`], `z${index}`, [intAttribute('transB', 1)]),
      node(isLast ? last : hidden, [`z${index}`], isLast ? 'output' : `a${index}`, []),
    ];
  });
  const tensors = layers.flatMap(({ weights, bias }, index) => [
    tensor(`w${index}`, [weights.rows, weights.columns], weights.values),
    tensor(`b${index}`, [bias.length], bias),
  ]);
  const graph = message(
    ...nodes.map((bytes) => bytesField(1, bytes)),
    textField(2, 'network'),
    ...tensors.map((bytes) => bytesField(5, bytes)),
    bytesField(11, rowsOf('x', layers[0].weights.columns)),
    bytesField(12, rowsOf('output', layers[layers.length - 1].bias.length)),
  );
  const opset = message(textField(1, ''), intField(2, OPSET));
  return message(intField(1, IR_VERSION), bytesField(7, graph), bytesField(8, opset));
}

/**
 * @param {string} type
 * @param {string[]} inputs
 * @param {string} output
 * @param {Uint8Array[]} attributes
 */
function node(type, inputs, output, attributes) {
  return message(
    ...inputs.map((name) => textField(1, name)),
    textField(2, output),
    textField(4, type),
    ...attributes.map((bytes) => bytesField(5, bytes)),
  );
}

/**
 * @param {string} name
 * @param {number} value
 */
function intAttribute(name, value) {
  return message(textField(1, name), intField(3, value), intField(20, ATTRIBUTE_INT));
}

/**
 * @param {string} name
 * @param {number[]} shape
 * @param {Float32Array} values
 */
function tensor(name, shape, values) {
  const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const dimensions = shape.map((size) => intField(1, size));
  return message(...dimensions, intField(2, FLOAT), textField(8, name), bytesField(9, raw));
}

/**
 * Any number of rows of `columns` floats.
 *
 * @param {string} name
 * @param {number} columns
 */
function rowsOf(name, columns) {
  const shape = message(
    bytesField(1, message(textField(2, 'rows'))),
    bytesField(1, message(intField(1, columns))),
  );
  const type = message(bytesField(1, message(intField(1, FLOAT), bytesField(2, shape))));
  return message(textField(1, name), bytesField(2, type));
}

/** @param {...Uint8Array} fields */
function message(...fields) {
  return new Uint8Array(Buffer.concat(fields));
}

/**
 * @param {number} field
 * @param {string} text
 */
function textField(field, text) {
  return bytesField(field, new TextEncoder().encode(text));
}

/**
 * @param {number} field
 * @param {Uint8Array} bytes
 */
function bytesField(field, bytes) {
  return message(varint(field * 8 + 2), varint(bytes.length), bytes);
}

/**
 * @param {number} field
 * @param {number} value - not negative
 */
function intField(field, value) {
  return message(varint(field * 8), varint(value));
}

/**
 * Seven bits per byte, lowest first; the top bit says that more follow.
 *
 * @param {number} value - not negative, below 2³¹
 */
export function varint(value) {
  const bytes = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return Uint8Array.from([...bytes, rest]);
    bytes.push((rest & 127) | 128);
  }
}
