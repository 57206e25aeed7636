// The worker of hop.mjs.
import { parentPort, workerData } from 'node:worker_threads';
import { play } from './hop.mjs';

parentPort?.on('message', () => {
  play(workerData, 1);
  parentPort?.postMessage('done');
});
parentPort?.postMessage('ready');
