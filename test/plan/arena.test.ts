import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALIGNMENT } from '../../src/core/abi.ts';
import type { Core } from '../../src/core/core.ts';
import { Arena, formatBytes, MAXIMUM_BYTES } from '../../src/plan/arena.ts';

/** A core whose memory is counted, or really there when it is small. */
function fakeCore(limit = Infinity): Core {
  let buffer = new ArrayBuffer(64);
  return {
    name: 'js',
    base: 64,
    get buffer() {
      return buffer;
    },
    grow(bytes) {
      if (bytes > limit) throw new RangeError('no more memory');
      if (bytes <= buffer.byteLength || bytes > 2 ** 24) return;
      const larger = new ArrayBuffer(bytes);
      new Uint8Array(larger).set(new Uint8Array(buffer));
      buffer = larger;
    },
    run: () => 0,
    share: () => undefined,
    dismiss: () => {},
  };
}

describe('Arena', () => {
  it('hands out aligned, zeroed regions that never overlap', () => {
    const request = fc.oneof(fc.nat({ max: 5000 }), fc.constant('free' as const));
    fc.assert(
      fc.property(fc.array(request, { maxLength: 60 }), (requests) => {
        const core = fakeCore();
        const arena = new Arena(core);
        const regions: { address: number; bytes: number }[] = [];
        for (const [index, bytes] of requests.entries()) {
          if (bytes === 'free') {
            const [region] = regions.splice(index % Math.max(regions.length, 1), 1);
            if (region) arena.free(region.address);
            continue;
          }
          const address = arena.allocate(bytes, 'a test');
          const view = new Uint8Array(core.buffer, address, bytes);
          expect(address % ALIGNMENT).toBe(0);
          expect(view.every((byte) => byte === 0)).toBe(true);
          for (const other of regions) {
            expect(address + bytes <= other.address || address >= other.address + other.bytes).toBe(
              true,
            );
          }
          view.fill(0xff);
          regions.push({ address, bytes });
        }
      }),
      { seed: 1 },
    );
  });

  it('uses freed memory again, and joins freed neighbours', () => {
    const arena = new Arena(fakeCore());
    const [a, b] = [arena.allocate(1000, 'a'), arena.allocate(1000, 'b')];
    arena.allocate(64, 'c');
    const end = arena.end;
    arena.free(a);
    arena.free(b);
    expect(arena.allocate(2000, 'd')).toBe(a);
    expect(arena.end).toBe(end);
  });

  it('says how much is missing, and stays usable', () => {
    const arena = new Arena(fakeCore(2 ** 30));
    for (const bytes of [2 ** 31, MAXIMUM_BYTES + 1, 2 ** 40]) {
      expect(() => arena.allocate(bytes, 'a large matrix')).toThrow(
        expect.objectContaining({
          code: 'OUT_OF_MEMORY',
          message: expect.stringContaining(`a large matrix: needs ${formatBytes(bytes)}`),
        }),
      );
    }
    expect(arena.allocate(64, 'a small one')).toBe(64);
  });
});

it('formatBytes', () => {
  expect([0, 1023, 1024, 1.5 * 2 ** 20, 2 ** 32, 2 ** 60].map(formatBytes)).toEqual([
    '0 bytes',
    '1023 bytes',
    '1.0 KiB',
    '1.5 MiB',
    '4.0 GiB',
    '1024.0 PiB',
  ]);
});
