/**
 * FNV-1a, 64 bits, as 16 hexadecimal digits (Fowler, Noll and Vo): a digest for comparing, not for security.
 *
 * Kept as four 16-bit limbs, so that every product is exact in a double.
 */
export class Fnv1a {
  readonly #limbs: Uint16Array = new Uint16Array([0x2325, 0x8422, 0x9ce4, 0xcbf2]);

  /** Adds bytes. */
  update(bytes: Uint8Array): void {
    let [a = 0, b = 0, c = 0, d = 0] = this.#limbs;
    for (let index = 0; index < bytes.length; index++) {
      a ^= bytes[index]!;
      // Times the prime 2⁴⁰ + 0x1b3; 2⁴⁰ moves a limb up two places and 8 bits on.
      const low = a * 0x1b3;
      const second = b * 0x1b3 + (low >>> 16);
      const third = c * 0x1b3 + (second >>> 16) + ((a << 8) & 0xffff);
      const fourth = d * 0x1b3 + (third >>> 16) + ((b << 8) & 0xffff) + (a >>> 8);
      a = low & 0xffff;
      b = second & 0xffff;
      c = third & 0xffff;
      d = fourth & 0xffff;
    }
    this.#limbs.set([a, b, c, d]);
  }

  /** The digest of all bytes so far. */
  digest(): string {
    return [...this.#limbs]
      .reverse()
      .map((limb) => limb.toString(16).padStart(4, '0'))
      .join('');
  }
}
