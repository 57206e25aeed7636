import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** One thread for everybody: how the libraries that NumPy and PyTorch rest on are told. */
const ONE_THREAD = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };

/** A library that takes longer to answer is given up. */
const PATIENCE = 120_000;

/** An answer of a peer; `cannot` says why there is none. */
export class Unable extends Error {}

/**
 * A library in a process of its own, which waits without using the processor while others are measured. It is asked and answers
 * in lines of JSON: see `serve.mjs`.
 */
export class PeerProcess {
  #child;
  #lines;
  #errors = '';

  /**
   * @param {string} command
   * @param {string[]} parameters
   */
  constructor(command, parameters) {
    this.#child = spawn(command, parameters, { env: { ...process.env, ...ONE_THREAD } });
    this.#child.stderr.on('data', (text) => (this.#errors = `${this.#errors}${text}`.slice(-2000)));
    this.#child.on('error', (error) => (this.#errors = String(error)));
    this.#child.stdin.on('error', () => {}); // a dead process is noticed by its silence
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /**
   * @param {object} request
   * @returns {Promise<any>}
   * @throws {Unable} with the reason, when the library cannot do it or its process has ended
   */
  async ask(request) {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const timer = setTimeout(() => this.#child.kill(), PATIENCE);
    const { value, done } = await this.#lines.next();
    clearTimeout(timer);
    if (done) throw new Unable(`ended: ${lastLine(this.#errors) || 'without a word'}`);
    const answer = JSON.parse(value);
    if (answer.cannot !== undefined) throw new Unable(answer.cannot);
    return answer;
  }

  end() {
    this.#child.stdin.end();
    this.#child.kill();
  }
}

/** @param {string} text */
function lastLine(text) {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.findLast((line) => /error/i.test(line)) ?? lines.findLast((line) => line !== '');
}
