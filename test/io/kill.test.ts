import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adam, dense, Network, readSafetensors, sgd } from '../../src/index.ts';
import type { FitOptions } from '../../src/index.ts';

// Files that a run writes itself to: whatever happens, they are whole. The children train on the built package.

const child = fileURLToPath(new URL('children/train.mjs', import.meta.url));
let folder = '';
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'chainrule-checkpoint-'))));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a child to its end. */
function train(path: string, epochs: number): { hash: string; error: string } {
  const { stdout, stderr } = spawnSync(process.execPath, [child, path, String(epochs)], {
    encoding: 'utf8',
  });
  return { hash: stdout.trim(), error: stderr };
}

/** Starts a child and kills it so many milliseconds after it has written something new. */
async function trainAndKill(path: string, epochs: number, milliseconds: number): Promise<void> {
  const before = stepOf(path);
  const running = spawn(process.execPath, [child, path, String(epochs)], { stdio: 'ignore' });
  const ended = new Promise((resolve) => running.on('exit', resolve));
  const deadline = Date.now() + 10_000;
  while (stepOf(path) === before && running.exitCode === null && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  running.kill('SIGKILL');
  await ended;
}

/** Steps made, by the file, which has to be whole; undefined when there is none. */
function stepOf(path: string): number | undefined {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch {
    return undefined;
  }
  Network.load(bytes, { core: 'js' }).dispose();
  const { run } = JSON.parse(readSafetensors(bytes).metadata['chainrule']!);
  return run.position.epoch * 14 + run.position.step;
}

describe('kill -9', () => {
  const EPOCHS = 4000;

  it('20 times, at any moment: the file is the old or the new one, and training moves on', async () => {
    const path = join(folder, 'killed.safetensors');
    let steps = 0;
    for (let kill = 0; kill < 20; kill++) {
      await trainAndKill(path, EPOCHS, Math.random() * 12);
      const now = stepOf(path) ?? 0;
      expect(now).toBeGreaterThan(steps);
      steps = now;
    }
    // At most one file is left that never took its name; the next run removes it.
    const left = readdirSync(folder).filter((name) => name.startsWith('.killed'));
    expect(left.length).toBeLessThanOrEqual(1);
  }, 60_000);

  it('and resumed in another process, the end is that of a run that never stopped', async () => {
    const path = join(folder, 'resumed.safetensors');
    const epochs = 300;
    for (let kill = 0; kill < 2; kill++) await trainAndKill(path, epochs, 5);
    const done = readFileSync(path);
    const { hash, error } = train(path, epochs);
    expect(error).toBe('');
    expect(hash).toBe(train(join(folder, 'straight.safetensors'), epochs).hash);
    expect(readdirSync(folder).filter((name) => name.startsWith('.resumed'))).toEqual([]);

    // The same here, on the other core, from the file of the process that was killed.
    const x = Array.from({ length: 40 }, (_, row) => [
      row / 40,
      1 - row / 20,
      (row % 7) / 7,
      row % 2,
    ]);
    const y = x.map(([a, b, c, d]) => [a! * b! - c! * d!]);
    using net = Network.load(done, { core: 'js' });
    net.fitSync({ x, y }, { epochs, batchSize: 3, optimizer: adam(), resume: done });
    expect(net.hash()).toBe(hash);
  }, 60_000);
});

describe('the file of a run', () => {
  const data = { x: [[0], [1], [2], [3]], y: [[1], [3], [5], [7]] };
  const make = (): Network =>
    new Network({ input: 1, layers: [dense(1)], loss: 'meanSquaredError', seed: 1 });
  const options: FitOptions = { epochs: 6, batchSize: 2, optimizer: sgd({ learningRate: 0.01 }) };

  it('is written after every so many epochs, and at the end', () => {
    const path = join(folder, 'epochs.safetensors');
    const epochs: number[] = [];
    const schedule = (): number => {
      const { run } = stateOf(path) ?? { run: { position: { epoch: 0 } } };
      epochs.push(run.position.epoch);
      return 1;
    };
    make().fitSync(data, {
      ...options,
      epochs: 7,
      schedule,
      checkpoint: { path, every: { epochs: 3 } },
    });
    expect([...new Set(epochs)]).toEqual([0, 3, 6]);
    expect(stateOf(path)!.run.position.epoch).toBe(7);
  });

  it('is written after some steps and some time too', async () => {
    for (const every of [{ steps: 1 }, { seconds: 1e-9 }, undefined]) {
      const path = join(folder, 'every.safetensors');
      rmSync(path, { force: true });
      await make().fit(data, { ...options, checkpoint: { path, ...(every && { every }) } });
      expect(stateOf(path)!.run.position.epoch).toBe(6);
    }
  });

  it('of a finished run is the end: going on from it does nothing', () => {
    const path = join(folder, 'finished.safetensors');
    const net = make();
    const history = net.fitSync(data, { ...options, checkpoint: { path } });
    const again = make();
    const resumed = again.fitSync(data, { ...options, resume: readFileSync(path) });
    expect(again.hash()).toBe(net.hash());
    expect(resumed.reports).toEqual(history.reports);
    expect(resumed.stoppedBy).toBe('epochs');
  });

  it('cannot be a folder, or in no folder: that is said before training', () => {
    const net = make();
    const before = net.hash();
    mkdirSync(join(folder, 'sub'));
    for (const [path, reason] of [
      [join(folder, 'sub'), /sub cannot be written: it is a folder/],
      [join(folder, 'nowhere', 'file'), /there is no folder .*nowhere/],
      [join(child, 'file'), /train\.mjs.file cannot be written: .*train\.mjs is no folder/],
    ] as const) {
      const fit = (): unknown => net.fitSync(data, { ...options, checkpoint: { path } });
      expect(fit).toThrow(reason);
      expect(fit).toThrow(expect.objectContaining({ code: 'WRITE_FAILED' }));
    }
    expect(net.hash()).toBe(before);
    net.fitSync(data, options);
  });

  it('that cannot be written any more ends the run, and leaves network and old file as they are', async () => {
    const path = join(folder, 'gone', 'file');
    mkdirSync(dirname(path));
    const net = make();
    const run = net.fit(data, {
      ...options,
      epochs: 1e6,
      checkpoint: { path, every: { epochs: 2 } },
    });
    rmSync(dirname(path), { recursive: true });
    await expect(run).rejects.toThrow(/gone.file cannot be written: ENOENT/);
    await expect(run).rejects.toThrow(expect.objectContaining({ code: 'WRITE_FAILED' }));
    expect(net.predict([[1]])).toHaveLength(1);
    net.fitSync(data, options);
  });

  it('is left alone when the disk is full', () => {
    const fs = process.getBuiltinModule('node:fs');
    const path = join(folder, 'full.safetensors');
    writeFileSync(path, 'old');
    const { fsyncSync } = fs;
    fs.fsyncSync = () => {
      throw new Error('ENOSPC: no space left on device');
    };
    try {
      expect(() => make().fitSync(data, { ...options, checkpoint: { path } })).toThrow(
        /full.safetensors cannot be written: ENOSPC/,
      );
    } finally {
      fs.fsyncSync = fsyncSync;
    }
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder).filter((name) => name.startsWith('.full'))).toEqual([]);
  });

  it('is an option of Node: elsewhere the error names run.checkpoint()', () => {
    const { process } = globalThis;
    const fit = (): unknown => make().fitSync(data, { ...options, checkpoint: { path: 'file' } });
    try {
      globalThis.process = undefined as never;
      expect(fit).toThrow(/files can be written in Node .* only.*run\.checkpoint\(\)/);
    } finally {
      globalThis.process = process;
    }
  });

  it.each<[unknown, RegExp]>([
    ['file', /checkpoint: expected an object, got "file"/],
    [{ path: 1 }, /checkpoint.path: expected a string, got 1/],
    [{ path: '' }, /checkpoint.path: expected the path of a file/],
    [{ path: 'f', evry: {} }, /checkpoint: unknown option 'evry'. Did you mean 'every'/],
    [{ path: 'f', every: 3 }, /checkpoint.every: expected an object, got 3/],
    [{ path: 'f', every: {} }, /checkpoint.every: expected seconds, epochs or steps/],
    [{ path: 'f', every: { minutes: 1 } }, /checkpoint.every: unknown option 'minutes'/],
    [{ path: 'f', every: { seconds: 0 } }, /checkpoint.every.seconds: .* > 0, got 0/],
    [{ path: 'f', every: { epochs: 0.5 } }, /checkpoint.every.epochs: .*whole number ≥ 1/],
    [{ path: 'f', every: { steps: 0 } }, /checkpoint.every.steps: .*whole number ≥ 1/],
  ])('with the options %o is refused', (checkpoint, message) => {
    expect(() => make().fitSync(data, { ...options, checkpoint: checkpoint as never })).toThrow(
      message,
    );
  });
});

function stateOf(path: string): { run: { position: { epoch: number } } } | undefined {
  try {
    return JSON.parse(readSafetensors(readFileSync(path)).metadata['chainrule']!);
  } catch {
    return undefined;
  }
}
