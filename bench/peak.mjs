import asc from 'assemblyscript/asc';

/**
 * Loops that keep every multiplier and adder busy without touching memory, in two forms:
 *
 *   chained   x = x · factor + term, in `count` independent chains
 *   apart     x = x · factor and y = y + term, in `count` chains each
 *
 * A chain has to wait for its own last result, so there must be many; but they must fit the vector registers, of which x86 has
 * 16 and ARM 32. Which one is the fastest depends on the processor; that one is the yardstick.
 *
 * @typedef {{ name: string, form: 'chained' | 'apart', count: number }} Loop
 */

/** @type {Loop[]} */
const LOOPS = [
  { name: 'chained12', form: 'chained', count: 12 },
  { name: 'chained24', form: 'chained', count: 24 },
  { name: 'apart6', form: 'apart', count: 6 },
];

/** Four lanes, one multiplication and one addition, per round and count. */
const FLOP = 8;

/** Rounds of one call: about a quarter of a millisecond. Engines put optimised code into use between calls, not within one. */
const ROUNDS = 100_000;

const WARM_UP_CALLS = 100;

/**
 * Factor and term: no value comes near overflow or the subnormal numbers within a call. They are loaded from memory before the
 * loop, since V8 makes splats and literals anew in each round.
 */
const CONSTANTS =
  'const constants = memory.data<f32>([0.9999999, 0.9999999, 0.9999999, 0.9999999, 1e-6, 1e-6, 1e-6, 1e-6]);';

/**
 * Compiles the yardstick: it is bounded by what bounds every kernel, how many 128-bit multiplications and additions a core does in
 * a second, and shares no code with the product.
 *
 * @returns {Promise<() => number>} runs one short call of the fastest loop; gives the GFLOP/s of that call
 */
export async function createPeakLoop() {
  const { binary, stderr } = await asc.compileString(
    [CONSTANTS, ...LOOPS.map(loopSource)].join('\n'),
    {
      optimizeLevel: 3,
      runtime: 'stub',
      enable: ['simd'],
    },
  );
  if (!binary) throw new Error(`the calibration loop does not compile: ${stderr}`);
  const { exports } = new WebAssembly.Instance(
    new WebAssembly.Module(/** @type {Uint8Array<ArrayBuffer>} */ (binary)),
  );
  const loops = LOOPS.map(({ name, count }) => timedLoop(exports[name], count));
  for (const loop of loops) for (let call = 0; call < WARM_UP_CALLS; call++) loop();
  return fastest(loops);
}

/**
 * AssemblyScript of one loop. The chains start from different values lest a compiler finds that all are the same.
 *
 * @param {Loop} loop
 */
export function loopSource({ name, form, count }) {
  const indices = Array.from({ length: count }, (_, index) => index);
  const isChained = form === 'chained';
  const chains = indices.flatMap((index) =>
    isChained ? [`x${index}`] : [`x${index}`, `y${index}`],
  );
  const round = indices.map((i) =>
    isChained
      ? `x${i} = f32x4.add(f32x4.mul(x${i}, f), t);`
      : `x${i} = f32x4.mul(x${i}, f); y${i} = f32x4.add(y${i}, t);`,
  );
  return `export function ${name}(rounds: i32): f32 {
    const f = v128.load(constants), t = v128.load(constants, 16);
    let ${chains.map((chain, index) => `${chain} = f32x4.splat(${index + 1})`).join(', ')};
    for (let i = 0; i < rounds; i++) {
      ${round.join('\n      ')}
    }
    return f32x4.extract_lane(${chains.reduce((sum, chain) => `f32x4.add(${sum}, ${chain})`)}, 0);
  }`;
}

/**
 * @param {WebAssembly.ExportValue} loop
 * @param {number} count
 */
function timedLoop(loop, count) {
  const run = /** @type {(rounds: number) => number} */ (loop);
  return () => {
    const start = performance.now();
    run(ROUNDS);
    return (count * FLOP * ROUNDS) / (performance.now() - start) / 1e6;
  };
}

/** @param {(() => number)[]} loops */
function fastest(loops) {
  const best = loops.map((loop) => Math.max(...Array.from({ length: 20 }, loop)));
  return loops[best.indexOf(Math.max(...best))];
}
