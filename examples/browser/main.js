/**
 * A page that trains a digit recogniser: `npm run demo` in the root of the repository, then open the address it prints.
 */
import { Curve } from './curve.js';
import { loadScans, readMnist } from './data.js';
import { Pad } from './pad.js';
import { drawDigit, drawWeights } from './pictures.js';
import { Recogniser } from './training.js';

/** The element with an id. */
const element = (id) => document.getElementById(id);

const pad = new Pad(element('pad'), lookAtDrawing);
const curve = new Curve(element('curve'));
/** @type {import('./data.js').Digits} */
let digits;
/** @type {Recogniser} */
let recogniser;
/** The image that is recognised. @type {ArrayLike<number> | undefined} */
let image;

showEmptyBars();
offerThreads();
bindControls();
await useDigits(loadScans);

/** Takes other data, and a network for them. */
async function useDigits(load) {
  await attempt(async () => {
    digits = await load();
    image = pad.image(digits);
    const [train, test] = [digits.train, digits.test].map(({ length }) =>
      length.toLocaleString('en'),
    );
    element('about').textContent = `${digits.title}: ${train} to train with, ${test} to test with.`;
    startAnew();
  });
}

function startAnew() {
  use(Recogniser.untrained(digits, element('hidden').valueAsNumber));
  setStatus('The network knows nothing yet. Train it.');
}

/** Takes another network in the place of the one so far. */
function use(next) {
  recogniser?.stop();
  recogniser = next;
  curve.clear();
  for (const id of ['cost', 'accuracy', 'speed', 'time']) element(id).textContent = '–';
  element('epoch').textContent = '0';
  setButtons();
  redraw();
}

/** Draws everything that depends on the network, or on the colours. */
function redraw() {
  drawWeights(element('weights'), recogniser.network, digits.side);
  drawDigit(element('seen'), image, digits);
  recognise();
}

async function train() {
  if (!element('settings').reportValidity()) return;
  const trained = recogniser;
  const settings = {
    epochs: element('epochs').valueAsNumber,
    batchSize: element('batch').valueAsNumber,
    learningRate: element('rate').valueAsNumber,
    threads: element('threads').valueAsNumber,
  };
  await attempt(async () => {
    const end = trained.train(settings, (report) => show(trained, report));
    setStatus('Training …');
    element('place').textContent = placeOf(settings.threads);
    setButtons();
    const stoppedBy = await end;
    if (trained === recogniser) setStatus(stoppedBy === 'abort' ? 'Stopped.' : 'Trained.');
  });
  setButtons();
}

/** Shows what an epoch came to, in the next frame. */
async function show(trained, { cost, validation, examplesPerSecond }) {
  if (trained !== recogniser) return;
  curve.add(trained.epoch, cost, validation.accuracy);
  element('epoch').textContent = String(trained.epoch);
  element('cost').textContent = cost.toFixed(4);
  element('accuracy').textContent = percent(validation.accuracy);
  element('speed').textContent = Math.round(examplesPerSecond).toLocaleString('en');
  const { secondsToGoal } = trained;
  element('time').textContent = secondsToGoal === undefined ? 'not yet' : seconds(secondsToGoal);
  redraw();
  await new Promise(requestAnimationFrame);
}

/** Looks at what was drawn. */
function lookAtDrawing() {
  if (digits) lookAt(pad.image(digits));
}

function lookAt(next) {
  image = next;
  drawDigit(element('seen'), image, digits);
  recognise();
}

/** Asks the network what the image is, while it is being trained too. */
function recognise() {
  if (!image) return showAnswer(undefined);
  showAnswer(recogniser.network.predict([image]));
}

/** @param {Float32Array | undefined} probabilities */
function showAnswer(probabilities) {
  const best = probabilities?.indexOf(Math.max(...probabilities));
  for (const [digit, item] of [...element('probabilities').children].entries()) {
    const probability = probabilities?.[digit] ?? 0;
    item.classList.toggle('best', digit === best);
    item.querySelector('.bar').style.width = `${100 * probability}%`;
    item.lastElementChild.textContent = probabilities ? percent(probability) : '';
  }
  element('answer').textContent = probabilities
    ? `This is a ${best}, with ${percent(probabilities[best])}.`
    : 'Draw, and train the network.';
}

function showEmptyBars() {
  for (let digit = 0; digit < 10; digit++) {
    const item = document.createElement('li');
    item.innerHTML = `<span>${digit}</span><span class="track"><span class="bar"></span></span><span></span>`;
    element('probabilities').append(item);
  }
}

/** Lets the user choose as many threads as there are cores, where the page may share memory with them. */
function offerThreads() {
  const most = crossOriginIsolated ? navigator.hardwareConcurrency : 1;
  const threads = element('threads');
  threads.max = String(most);
  threads.value = String(Math.min(most, 2));
  threads.disabled = most === 1;
  threads.title = crossOriginIsolated
    ? 'Larger networks are trained faster; the result is the same to the last bit.'
    : 'This page is not isolated from other sites (headers COOP and COEP), so it has one thread.';
}

function placeOf(threads) {
  return threads === 1 ? 'a worker' : `a worker, ${threads} threads`;
}

function showExample() {
  const { test, side } = digits;
  const row = Math.floor(Math.random() * test.length);
  pad.clear();
  lookAt(test.x.subarray(row * side * side, (row + 1) * side * side));
}

function save() {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([recogniser.network.save()]));
  link.download = 'digits.safetensors';
  link.click();
  URL.revokeObjectURL(link.href);
}

async function load(file) {
  await attempt(async () => {
    use(Recogniser.load(digits, await file.arrayBuffer()));
    const { accuracy } = recogniser.network.evaluate(digits.test);
    element('accuracy').textContent = percent(accuracy);
    setStatus(`Loaded ${file.name}.`);
  });
}

/** Files that were dropped or chosen: a network, or MNIST. */
async function open(files) {
  const model = files.find(({ name }) => name.endsWith('.safetensors'));
  if (model) await load(model);
  else await useDigits(() => readMnist(files));
}

function togglePause() {
  if (recogniser.isPaused) recogniser.resume();
  else recogniser.pause();
  setStatus(recogniser.isPaused ? 'Paused.' : 'Training …');
  setButtons();
}

function setButtons() {
  const { isTraining, isPaused } = recogniser;
  element('train').disabled = isTraining;
  element('pause').disabled = !isTraining;
  element('pause').textContent = isPaused ? 'Go on' : 'Pause';
  element('stop').disabled = !isTraining;
}

function bindControls() {
  const actions = {
    clear: () => pad.clear(),
    example: showExample,
    train,
    pause: togglePause,
    stop: () => recogniser.stop(),
    anew: startAnew,
    save,
  };
  for (const [id, action] of Object.entries(actions)) element(id).addEventListener('click', action);
  element('settings').addEventListener('submit', (event) => event.preventDefault());
  for (const id of ['load', 'mnist']) {
    element(id).addEventListener('change', ({ target }) => {
      const files = [...target.files];
      target.value = '';
      void open(files);
    });
  }
  addEventListener('dragover', (event) => {
    event.preventDefault();
    document.body.classList.add('dropping');
  });
  addEventListener('dragleave', () => document.body.classList.remove('dropping'));
  addEventListener('drop', (event) => {
    event.preventDefault();
    document.body.classList.remove('dropping');
    void open([...event.dataTransfer.files]);
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
}

/** Does something that may fail on what the user gave; says so where the user looks. */
async function attempt(work) {
  try {
    await work();
  } catch (error) {
    setStatus(error.message, true);
  }
}

function setStatus(text, isProblem = false) {
  element('status').textContent = text;
  element('status').classList.toggle('problem', isProblem);
}

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}

function seconds(value) {
  return value < 1 ? `${Math.round(1000 * value)} ms` : `${value.toFixed(1)} s`;
}
