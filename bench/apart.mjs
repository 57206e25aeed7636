// The worker of threads.mjs: trains a network that shares nothing with that of the main thread.
import { parentPort, workerData } from 'node:worker_threads';
import { prepare } from './threads.mjs';

const { rate } = prepare(workerData, 1);
rate(4);
parentPort?.on('message', (epochs) => parentPort?.postMessage(rate(epochs)));
parentPort?.postMessage('ready');
