import type { Engine, Placed } from '../../engine.ts';
import type { ProgramBuilder, Section } from '../../plan/program.ts';

/** Series of timed calls, the milliseconds a series takes at least, and those a call should take at least. */
const SERIES = 3;
const SERIES_MILLISECONDS = 4;
const CALL_MILLISECONDS = 0.05;

/** So many repetitions in one call at most that running products such as β₁ᵗ stay normal numbers. */
export const MOST_REPETITIONS = 4096;

/**
 * The microseconds of one run of a section, measured over many repetitions. The best of a few series counts, since this is about what
 * takes which share, not about how long. Whatever the section writes is changed.
 *
 * The tensors of the program should have been kept apart: an instruction that works in place would be fed its own results, and a
 * factor below one soon makes them subnormal, which takes processors much longer.
 *
 * @param options.most - repetitions in one call, at most
 * @param options.refresh - makes the operands anew before every call, for sections that use them up
 */
export function timeSection(
  engine: Engine,
  program: Placed<{ readonly builder: ProgramBuilder }>,
  section: Section,
  { most = MOST_REPETITIONS, refresh }: { most?: number; refresh?: () => void } = {},
): number {
  const run = (repeat: number): number => {
    refresh?.();
    resetRegisters(engine);
    const before = performance.now();
    engine.run(program, repeat, section);
    return performance.now() - before;
  };
  let repeat = 1;
  while (repeat * 2 <= most && run(repeat) < CALL_MILLISECONDS) repeat *= 2;
  let best = Infinity;
  for (let series = 0; series < SERIES; series++) {
    best = Math.min(best, timeSeries(() => run(repeat)) / repeat);
  }
  return best * 1000;
}

/** The median of calls that take `SERIES_MILLISECONDS` together. */
function timeSeries(call: () => number): number {
  const times: number[] = [];
  for (let total = 0; total < SERIES_MILLISECONDS && times.length < MOST_REPETITIONS;) {
    const time = call();
    times.push(time);
    total += Math.max(time, CALL_MILLISECONDS / 100);
  }
  return times.sort((a, b) => a - b)[times.length >> 1]!;
}

/** Puts the registers to where a section can be run often; η = 1 keeps the size of what is scaled by it over and over. */
export function resetRegisters(engine: Engine): void {
  engine.set({ cursor: 0, learningRate: 1, cost: 0, examples: 0, beta1Power: 1, beta2Power: 1 });
}
