import { createInterface } from 'node:readline';

/** @typedef {import('./task.mjs').Task} Task */

/**
 * A task ready to run.
 *
 * @typedef {object} Prepared
 * @property {() => number[] | Promise<number[]>} check - the losses before each of the first steps, or the outputs
 * @property {(times: number) => void | Promise<void>} run - trains so many epochs, or predicts so many times
 */

/**
 * A library, as the comparison sees it.
 *
 * @typedef {object} Peer
 * @property {string} version
 * @property {string} note - how it is used
 * @property {(task: Task) => Prepared | string | Promise<Prepared | string>} prepare - a text says why it cannot
 */

/**
 * Answers the questions of `process.mjs`, one line of JSON each, over standard input and output. The peers in Python do the same.
 *
 * @param {() => Promise<Peer>} load
 */
export async function serve(load) {
  /** @type {Peer | undefined} */
  let peer;
  /** @type {Prepared | undefined} */
  let prepared;
  const answer = async (/** @type {{ ask: string, task: Task, times: number }} */ request) => {
    peer ??= await load();
    if (request.ask === 'describe') return { version: peer.version, note: peer.note };
    if (request.ask === 'prepare') {
      const result = await peer.prepare(request.task);
      if (typeof result === 'string') return { cannot: result };
      prepared = result;
      return {};
    }
    if (!prepared) throw new Error('nothing is prepared');
    if (request.ask === 'check') return { values: await prepared.check() };
    const start = performance.now();
    await prepared.run(request.times);
    return { seconds: (performance.now() - start) / 1000 };
  };
  for await (const line of createInterface({ input: process.stdin })) {
    const reply = await answer(JSON.parse(line)).catch((error) => ({ cannot: String(error) }));
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
}
