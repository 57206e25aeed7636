import { describe, expect, it } from 'vitest';
import { Balance } from '../../src/threads/balance.ts';

// Whether helpers take part, by times that are made up: pieces of work of 1 ms alone, calls of 8 ms.

/** Runs calls and returns how many of them had helpers, and how long all took over the time alone. */
function simulate(balance: Balance, calls: number, helpedPiece: (call: number) => number) {
  let helped = 0;
  let milliseconds = 0;
  for (let call = 0; call < calls; call++) {
    helped += Number(balance.helped);
    const time = 8 * (balance.helped ? helpedPiece(call) : 1);
    milliseconds += time;
    balance.observe(8, time);
  }
  return { helped: helped / calls, slowdown: milliseconds / (8 * calls) };
}

describe('the balance', () => {
  it('keeps helpers that help, but for a comparison now and then', () => {
    const { helped, slowdown } = simulate(new Balance(), 1000, () => 0.52);
    expect(helped).toBeGreaterThan(0.99);
    expect(slowdown).toBeLessThan(0.525);
  });

  it('leaves helpers out that make things slower, but for an attempt now and then', () => {
    const { helped, slowdown } = simulate(new Balance(), 1000, () => 1.5);
    expect(helped).toBeLessThan(0.07);
    expect(slowdown).toBeLessThan(1.04);
  });

  it('takes them back when the machine has time for them again, and leaves them out when not', () => {
    const balance = new Balance();
    expect(simulate(balance, 300, () => 1.5).helped).toBeLessThan(0.15);
    expect(simulate(balance, 300, () => 0.6).helped).toBeGreaterThan(0.75);
    expect(simulate(balance, 300, () => 2).helped).toBeLessThan(0.5);
  });

  it('does not hold it against helpers when the whole machine is slow for a moment', () => {
    const isSlow = (call: number) => call % 40 > 37;
    const { helped } = simulate(new Balance(), 1000, (call) => (isSlow(call) ? 1.6 : 0.6));
    expect(helped).toBeGreaterThan(0.95);
  });

  it('does not judge calls that are too short for the clock', () => {
    const balance = new Balance();
    for (let call = 0; call < 30; call++) balance.observe(1, call % 10 === 0 ? 1 : 0);
    expect(balance.helped).toBe(true);
  });
});
