/**
 * The script of the worker, in Node and in browsers: makes what is asked for and replies.
 */
import type { History } from '../training/history.ts';
import type { Memory } from '../training/state.ts';
import { type Ending, type Order, plainError, type Reply, type Request } from './messages.ts';
import { receive, Training } from './training.ts';

/** Often enough to look alive, seldom enough to keep the messages from slowing anybody down. */
const SLICE_MILLISECONDS = 50;

/** What is used of the two things that messages may come from. */
interface MessageSource {
  onmessage: ((event: { data: Request }) => void) | null;
  postMessage(reply: Reply, transfer: ArrayBuffer[]): void;
}

/** The run at hand; a new one takes the place of whatever was left of another. */
let training: Training | undefined;

const source = messageSource();
source.onmessage = ({ data: { id, order } }) => {
  const transfer: ArrayBuffer[] = [];
  source.postMessage(reply(id, order, transfer), transfer);
};

/** The port to the parent in Node, the global scope in browsers. */
function messageSource(): MessageSource {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => { parentPort: MessageSource | null } };
  };
  const port = process?.getBuiltinModule?.('node:worker_threads').parentPort;
  return port ?? (globalThis as unknown as MessageSource);
}

function reply(id: number, order: Order, transfer: ArrayBuffer[]): Reply {
  try {
    const value = carryOut(order);
    if (value?.checkpoint) transfer.push(value.checkpoint.buffer);
    if (value?.memory) transfer.push(value.memory.parameters.buffer as ArrayBuffer);
    return { id, value };
  } catch (error) {
    return { id, error: plainError(error) };
  }
}

function carryOut(
  order: Order,
): { readonly memory?: Memory; readonly checkpoint?: Uint8Array<ArrayBuffer> } | undefined {
  switch (order.kind) {
    case 'hello':
      return undefined;
    case 'begin':
      training = undefined;
      training = new Training(receive(order.order), SLICE_MILLISECONDS);
      return undefined;
    case 'advance':
      return training!.advance(order.watched);
    case 'checkpoint':
      return { checkpoint: training!.checkpoint() };
    case 'finish':
      return finish(order.stoppedBy);
  }
}

function finish(stoppedBy: History['stoppedBy']): Ending {
  const ending = training!.finish(stoppedBy);
  training = undefined;
  return ending;
}
