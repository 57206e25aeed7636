import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { hasRelaxedCore } from './relaxed.ts';

// The speed of the matrix product is that of one loop per tile. One vector that does not fit into the registers halves it, and
// nothing else would show it: here the loops are read, in the optimised WebAssembly and in what the engine makes of it.

const CORES = {
  simd: { arithmetic: ['f32x4.mul', 'f32x4.add'], multiplication: /mulps/ },
  relaxed: { arithmetic: ['f32x4.relaxed_madd'], multiplication: /v?(fn?madd|mul)\w*ps/ },
};

type Core = keyof typeof CORES;

interface Tile {
  name: string;
  /** Number of the function in the module. */
  index: number;
  /** Vector instructions that its loop must have. */
  expected: Record<string, number>;
  /** Multiplications among them. */
  products: number;
  /** The instructions between its only loop and the end of that. */
  loop: string[];
}

const built = (name: string): string =>
  fileURLToPath(new URL(`../../build/${name}`, import.meta.url));

/** The register tiles of a core, and its panels for inner = 1, from the text of its module. */
function readTiles(core: Core): Tile[] {
  const text = readFileSync(built(`core.${core}.wat`), 'utf8');
  expect(text).not.toMatch(/\(import .*\(func/); // The functions are numbered from 0.
  const tiles: Tile[] = [];
  for (const [index, body] of text.split('\n (func $').slice(1).entries()) {
    const match = /^assembly\/gemm\/micro\.\w+\/((tile|interleaved|outer)(?:(\d+)x)?(\d+)) /.exec(
      body,
    );
    if (!match) continue;
    const [, name, family, rows = '1', columns] = match;
    const vectors = Number(columns) / 4;
    const products = Number(rows) * vectors;
    const expected: Record<string, number> = {
      'v128.load': vectors,
      'v128.load32_splat': Number(rows),
      ...Object.fromEntries(CORES[core].arithmetic.map((instruction) => [instruction, products])),
      ...(family === 'outer' && { 'v128.store': vectors }),
    };
    const [, loop, ...others] = body.split(/^ +loop .*$/m);
    expect(others).toEqual([]);
    const instructions = loop
      .slice(0, loop.indexOf('\n  end\n'))
      .trim()
      .split(/\s*\n\s*/);
    tiles.push({ name, index, expected, products, loop: instructions });
  }
  return tiles;
}

/** How often each vector instruction, call and store occurs, without operands. */
function count(instructions: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const instruction of instructions) {
    const name = instruction.split(' ')[0];
    if (/^(v128|[if]\d+x\d+)\.|^call|store/.test(name)) counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** What V8 prints about each function of a module when its optimising compiler has compiled it. */
function compile(core: string): Map<number, string> {
  const flags = ['--no-liftoff', '--no-wasm-lazy-compilation', '--single-threaded'];
  const source = 'new WebAssembly.Module(fs.readFileSync(process.argv[1]))';
  const arguments_ = ['--print-wasm-code', ...flags, '-e', source, built(`core.${core}.wasm`)];
  const { stdout } = spawnSync(process.execPath, arguments_, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const sections = stdout.split('--- WebAssembly code ---').slice(1);
  return new Map(
    sections.map((section) => [Number(/^index: (\d+)$/m.exec(section)?.[1]), section]),
  );
}

interface Instruction {
  offset: number;
  text: string;
}

/** The instructions from the target of a conditional jump backwards to that jump: the loop of the tile, unrolled or not. */
function findLoops(code: string): Instruction[][] {
  const lines = code.matchAll(/^0x[\da-f]+ +([\da-f]+) +[\da-f]+ +(.*)$/gm);
  const instructions = Array.from(lines, ([, offset, text]) => ({
    offset: parseInt(offset, 16),
    text,
  }));
  return instructions.flatMap(({ offset, text }) => {
    const target = parseInt(/^j(?!mp).*<\+0x([\da-f]+)>/.exec(text)?.[1] ?? '', 16);
    if (!(target < offset)) return [];
    return [instructions.filter((other) => other.offset >= target && other.offset <= offset)];
  });
}

describe.each(['simd', 'relaxed'] as const)('tiles of the %s core', (core) => {
  const tiles = readTiles(core);

  test('are all there', () => {
    const rows = core === 'simd' ? 5 : 6;
    const names = ['tile3x12', 'tile1x32', 'outer32', `tile${rows}x8`, `interleaved${rows}x8`];
    expect(tiles.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
    expect(tiles).toHaveLength(4 * rows + 3 + 1 + 3);
  });

  test.each(tiles)('$name loads, multiplies and adds, nothing else', ({ expected, loop }) => {
    expect(count(loop)).toEqual(expected);
  });

  const reason = whyNot(core);
  if (reason) console.info(`left out: machine code of the ${core} core, ${reason}`);
  const code = reason ? new Map<number, string>() : compile(core);

  test.skipIf(reason).each(tiles)('$name keeps its vectors in registers', ({ index, products }) => {
    const loops = findLoops(code.get(index) ?? '');
    expect(loops).toHaveLength(1);
    const texts = loops[0].map(({ text }) => text);
    const multiplications = texts.filter((text) => CORES[core].multiplication.test(text));
    expect(multiplications.length).toBeGreaterThanOrEqual(products);
    const spills = texts.filter((text) => /xmm\d/.test(text) && /\[(rbp|rsp)/.test(text));
    expect(spills).toEqual([]);
  });
});

/** Why the machine code of a core cannot be read here, or nothing when it can. */
function whyNot(core: string): string | undefined {
  if (process.arch !== 'x64') return `which is ${process.arch} here, not x64`;
  const help = spawnSync(process.execPath, ['--v8-options'], { encoding: 'utf8' }).stdout;
  if (!help.includes('--print-wasm-code')) return 'which this engine does not print';
  if (core === 'relaxed' && !hasRelaxedCore()) return 'which this engine cannot compile';
  return undefined;
}
