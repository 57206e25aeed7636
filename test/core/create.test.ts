import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

/** `create.ts` warns once and `instance.ts` compiles once per load: every test loads them anew. */
async function load() {
  vi.resetModules();
  return await import('../../src/core/create.ts');
}

/** WebAssembly whose compilation a content security policy refuses. */
function refusing(error: Error): object {
  class Module {
    constructor() {
      throw error;
    }
  }
  return { ...webAssembly, Module };
}

const webAssembly = {
  CompileError: WebAssembly.CompileError,
  Instance: WebAssembly.Instance,
  Memory: WebAssembly.Memory,
};

describe('createCore', () => {
  beforeEach(() => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  test('takes the SIMD core where it can', async () => {
    const { createCore } = await load();
    expect(createCore('auto').name).toBe('simd');
    expect(createCore('simd').name).toBe('simd');
    expect(createCore('js').name).toBe('js');
    expect(console.warn).not.toHaveBeenCalled();
  });

  test.each([
    ['there is no WebAssembly', undefined],
    ['compilation is refused', refusing(new WebAssembly.CompileError('violates the policy'))],
    ['evaluation is refused, as in Safari', refusing(new EvalError('violates the policy'))],
  ])('falls back to the JavaScript core, warning once, when %s', async (_, global) => {
    vi.stubGlobal('WebAssembly', global);
    const { createCore } = await load();
    expect(createCore('auto').name).toBe('js');
    expect(createCore('auto').name).toBe('js');
    expect(console.warn).toHaveBeenCalledTimes(1);
    expect(vi.mocked(console.warn).mock.calls[0]?.[0]).toContain("'wasm-unsafe-eval'");
    expect(() => createCore('simd')).toThrow();
  });

  test('hides no other error', async () => {
    vi.stubGlobal('WebAssembly', refusing(new RangeError('out of memory')));
    const { createCore } = await load();
    expect(() => createCore('auto')).toThrow('out of memory');
    expect(console.warn).not.toHaveBeenCalled();
  });
});

describe.each(['simd', 'js'] as const)('memory of the %s core', (choice) => {
  test('belongs to one core, starts aligned and keeps its contents when it grows', async () => {
    const { createCore } = await load();
    const core = createCore(choice);
    expect(core.base).toBeGreaterThan(0);
    expect(core.base % 64).toBe(0);
    core.grow(core.base + 64);
    new Uint8Array(core.buffer)[core.base] = 42;
    const before = core.buffer;
    core.grow(1_000_000);
    expect(core.buffer.byteLength).toBeGreaterThanOrEqual(1_000_000);
    expect(core.buffer).not.toBe(before);
    expect(new Uint8Array(core.buffer)[core.base]).toBe(42);

    const other = createCore(choice);
    other.grow(other.base + 64);
    expect(new Uint8Array(other.buffer)[other.base]).toBe(0);
  });

  test('does not shrink', async () => {
    const { createCore } = await load();
    const core = createCore(choice);
    core.grow(200_000);
    const { buffer } = core;
    core.grow(100);
    expect(core.buffer).toBe(buffer);
  });

  test('refuses more than an address can reach', async () => {
    const { createCore } = await load();
    const core = createCore(choice);
    expect(() => core.grow(2 ** 33)).toThrow(RangeError);
    expect(() => core.grow(2 ** 50)).toThrow(/memory: /);
  });
});

test('the SIMD core keeps addresses below 1024 free: the optimiser folds offsets into them', async () => {
  const { createCore } = await load();
  expect(createCore('simd').base).toBeGreaterThanOrEqual(1024);
});
