import { readFileSync } from 'node:fs';
import * as abi from '../build/core/abi.js';
import { createCore } from '../build/core/create.js';
import { Arena } from '../build/plan/arena.js';
import { ProgramBuilder } from '../build/plan/program.js';
import { writeRows } from '../build/plan/tensor.js';
import { hasRelaxed } from './cores.mjs';
import { uniform } from './data.mjs';
import { interleave, secondsPerCall } from './measure.mjs';
import { largestDifference } from './statistics.mjs';

const MILLISECONDS = 25;

/** Difference that fused multiply-add may make, relative to the largest output. */
const RELAXED_TOLERANCE = 1e-5;

/** A product of more operations than this is not timed on the js core, which takes seconds for it. */
const MOST_FLOP_JS = 1e9;

/** Operations of one timed call: enough to be long against the resolution of the clock. */
const CALL_FLOP = 2e6;

const LAYOUTS = { NN: abi.MATMUL_NN, NT: abi.MATMUL_NT, TN: abi.MATMUL_TN };

/**
 * A product of `shapes.txt`: out[m, n], summed over k.
 *
 * @typedef {{ name: string, m: number, n: number, k: number, layout: keyof typeof LAYOUTS }} Shape
 */

/**
 * Times a product on every core, after checking that they give the same: `simd` and `js` to the last bit. Gives GFLOP/s.
 *
 * @param {Shape} shape
 * @param {{ rounds: number, calibration: import('./calibration.mjs').Calibration }} options
 */
export function benchMatmul(shape, { rounds, calibration }) {
  const simd = placeProduct('simd', shape);
  const js = placeProduct('js', shape);
  const relaxed = hasRelaxed ? placeProduct('relaxed', shape) : undefined;
  checkEqual(shape, simd.runOnce(), js.runOnce(), relaxed?.runOnce());
  const flop = 2 * shape.m * shape.n * shape.k;
  const repeat = Math.max(1, Math.round(CALL_FLOP / flop));
  const rate =
    (/** @type {{ run: (repeat: number) => void }} */ { run }) =>
    () =>
      (flop * repeat) / secondsPerCall(() => run(repeat), MILLISECONDS) / 1e9;
  const variants = {
    simd: rate(simd),
    ...(relaxed && { relaxed: rate(relaxed) }),
    ...(flop <= MOST_FLOP_JS && { js: rate(js) }),
  };
  const { result, peak } = calibration.around(() => interleave(variants, rounds));
  return { ...shape, ...result, peak };
}

/**
 * @param {Shape} shape
 * @param {Float32Array} simd
 * @param {Float32Array} js
 * @param {Float32Array | undefined} relaxed
 */
function checkEqual({ name, layout }, simd, js, relaxed) {
  const bits = (/** @type {Float32Array} */ { buffer }) => Buffer.from(buffer);
  if (!bits(simd).equals(bits(js))) throw new Error(`${name} ${layout}: the cores differ`);
  if (relaxed && largestDifference(relaxed, simd) > RELAXED_TOLERANCE) {
    throw new Error(`${name} ${layout}: the relaxed core computes something else`);
  }
}

/** @returns {Shape[]} */
export function readShapes() {
  const text = readFileSync(new URL('shapes.txt', import.meta.url), 'utf8');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const [name, m, n, k, layout] = line.trim().split(/\s+/);
    if (!isLayout(layout)) throw new Error(`bench/shapes.txt: unknown layout in "${line}"`);
    return { name, m: Number(m), n: Number(n), k: Number(k), layout };
  });
}

/**
 * @param {string} layout
 * @returns {layout is keyof typeof LAYOUTS}
 */
function isLayout(layout) {
  return layout in LAYOUTS;
}

/**
 * A program of one record in a core of its own, with random operands.
 *
 * @param {import('./cores.mjs').CoreName} name
 * @param {Shape} shape
 */
function placeProduct(name, { m, n, k, layout }) {
  const core = createCore(name);
  const arena = new Arena(core);
  const state = arena.allocate(abi.STATE_BYTES + abi.SCRATCH_BYTES, 'the state block');
  const program = new ProgramBuilder();
  const a = layout === 'TN' ? program.tensor('a', k, m) : program.tensor('a', m, k);
  const b = layout === 'NT' ? program.tensor('b', n, k) : program.tensor('b', k, n);
  const out = program.tensor('out', m, n);
  program.emit({ opcode: abi.OP_MATMUL, out, a, b, inner: k, kind: LAYOUTS[layout], text: '' });
  const record = arena.allocate(program.bytes, 'the operands');
  program.place(core.buffer, record);
  for (const operand of [a, b]) writeRows(core.buffer, operand, randomMatrix(operand));

  const run = (/** @type {number} */ repeat) => void core.run(state, record, 1, repeat);
  const runOnce = () => {
    run(1);
    return out.view(core.buffer).slice();
  };
  return { run, runOnce };
}

/** @param {import('../build/plan/tensor.js').Tensor} tensor - only its shape counts */
function randomMatrix({ rows, columns }) {
  const random = uniform(1 + rows * columns);
  return Float32Array.from({ length: rows * columns }, () => 2 * random() - 1);
}
