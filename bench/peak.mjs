import asc from 'assemblyscript/asc';

/**
 * Independent chains x = x · ½ + 1 whose values stay in registers. A chain has to wait for its own last result: 12 of them hide that
 * wait on processors that do two multiplications and two additions per cycle, and with both constants they fit the 16
 * vector registers of x86. Processors with 32 registers (ARM) and more units want 24.
 */
const CHAINS = [12, 24];

/** Four lanes, one multiplication and one addition. */
const FLOP_PER_ROUND_AND_CHAIN = 8;

/** Rounds of one call: about a fifth of a millisecond. Engines put optimised code into use between calls, not within one. */
const ROUNDS = 100_000;

const WARM_UP_CALLS = 100;

/**
 * Compiles the yardstick: a loop of 128-bit multiplications and additions that touches no memory, so that it is bounded by what
 * bounds every kernel. It shares no code with the product.
 *
 * @returns {Promise<() => number>} runs one short call of the faster loop; gives the GFLOP/s of that call
 */
export async function createPeakLoop() {
  const { binary, stderr } = await asc.compileString(CHAINS.map(chainsSource).join('\n'), {
    optimizeLevel: 3,
    runtime: 'stub',
    enable: ['simd'],
  });
  if (!binary) throw new Error(`the calibration loop does not compile: ${stderr}`);
  const { exports } = new WebAssembly.Instance(
    new WebAssembly.Module(/** @type {Uint8Array<ArrayBuffer>} */ (binary)),
  );
  const loops = CHAINS.map((chains) => timedLoop(exports[`chains${chains}`], chains));
  for (const loop of loops) for (let call = 0; call < WARM_UP_CALLS; call++) loop();
  return fastest(loops);
}

/**
 * AssemblyScript of one loop. x tends to 2: neither overflow nor subnormal numbers. The factor and the term are arguments
 * because V8 makes literals anew in each round.
 *
 * @param {number} chains
 */
export function chainsSource(chains) {
  const names = Array.from({ length: chains }, (_, index) => `x${index}`);
  return `export function chains${chains}(rounds: i32, half: f32, one: f32): f32 {
    const factor = f32x4.splat(half), term = f32x4.splat(one);
    let ${names.map((x) => `${x} = term`).join(', ')};
    for (let i = 0; i < rounds; i++) {
      ${names.map((x) => `${x} = f32x4.add(f32x4.mul(${x}, factor), term);`).join('\n      ')}
    }
    return f32x4.extract_lane(${names.reduce((sum, x) => `f32x4.add(${sum}, ${x})`)}, 0);
  }`;
}

/**
 * @param {WebAssembly.ExportValue} loop
 * @param {number} chains
 */
function timedLoop(loop, chains) {
  const run = /** @type {(rounds: number, half: number, one: number) => number} */ (loop);
  return () => {
    const start = performance.now();
    run(ROUNDS, 0.5, 1);
    return (chains * FLOP_PER_ROUND_AND_CHAIN * ROUNDS) / (performance.now() - start) / 1e6;
  };
}

/** @param {(() => number)[]} loops */
function fastest(loops) {
  const best = loops.map((loop) => Math.max(...Array.from({ length: 20 }, loop)));
  return loops[best.indexOf(Math.max(...best))];
}
