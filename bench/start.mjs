import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { interleave } from './measure.mjs';

const SCRIPT = fileURLToPath(new URL('first-prediction.mjs', import.meta.url));
const BUILD = fileURLToPath(new URL('../build/', import.meta.url));

/**
 * Milliseconds from import to the first prediction, each in a fresh process whose own start is not counted.
 *
 * @param {{ rounds: number, calibration: import('./calibration.mjs').Calibration }} options
 */
export function benchStart({ rounds, calibration }) {
  const { result, peak } = calibration.around(() =>
    interleave({ simd: () => firstPrediction('simd'), js: () => firstPrediction('js') }, rounds),
  );
  return { ...result, peak };
}

/** @param {string} core */
function firstPrediction(core) {
  return Number(execFileSync(process.execPath, [SCRIPT, core], { encoding: 'utf8' }));
}

/** Bytes of each binary of the cores, and of the published module with all of them, plain and gzipped. */
export function measureSizes() {
  const binaries = readdirSync(BUILD).filter((file) => /^core\.[\w-]+\.wasm$/.test(file));
  return [...binaries, 'index.js'].map((name) => ({ name, ...sizes(readFileSync(BUILD + name)) }));
}

/** @param {Buffer} bytes */
function sizes(bytes) {
  return { bytes: bytes.length, gzipped: gzipSync(bytes, { level: 9 }).length };
}
