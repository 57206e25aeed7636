import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Who is compared. The first is what the others are compared with.
 *
 * @typedef {{ name: string, command: string, parameters: string[] }} Contender
 */

/** @returns {Contender[]} */
export function roster() {
  return [
    node('chainrule', 'chainrule.mjs', 'simd'),
    node('chainrule, js core', 'chainrule.mjs', 'js'),
    node('tfjs, wasm', 'libraries/tfjs.mjs', 'wasm'),
    node('tfjs, cpu', 'libraries/tfjs.mjs', 'cpu'),
    node('jax-js, wasm', 'libraries/jax.mjs'),
    node('brain.js', 'libraries/brain.mjs'),
    node('onnxruntime-web, wasm', 'libraries/onnx.mjs'),
    python('PyTorch', 'torch', 'torch_peer.py'),
    python('PyTorch, by hand', 'torch', 'torch_peer.py', 'by-hand'),
    python('NumPy', 'numpy', 'numpy_peer.py'),
    python('scikit-learn', 'sklearn', 'sklearn_peer.py'),
  ];
}

/**
 * @param {string} name
 * @param {string} script
 * @param {...string} parameters
 * @returns {Contender}
 */
function node(name, script, ...parameters) {
  return { name, command: process.execPath, parameters: [path(script), ...parameters] };
}

/**
 * @param {string} name
 * @param {string} module - what must be importable
 * @param {string} script
 * @param {...string} parameters
 * @returns {Contender}
 */
function python(name, module, script, ...parameters) {
  return {
    name,
    command: findPython(module),
    parameters: ['-B', path(`python/${script}`), ...parameters],
  };
}

/**
 * The Python that has a module, or else any: its error message then says what is missing.
 *
 * @param {string} module
 */
function findPython(module) {
  const candidates = ['python3', '/usr/bin/python3'];
  const has = (/** @type {string} */ python) =>
    spawnSync(python, ['-c', `import ${module}`]).status === 0;
  return candidates.find(has) ?? candidates[0];
}

/** @param {string} script */
function path(script) {
  return fileURLToPath(new URL(script, import.meta.url));
}
