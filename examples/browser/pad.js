/** Width of the pen, and how far an arrow key moves it, in pixels of the canvas. */
const PEN = 36;
const STEP = 12;

/** Ink fainter than this is none. */
const FAINT = 40;

/** An area to draw in, with mouse, pen, finger or keyboard. */
export class Pad {
  #canvas;
  #context;
  #onChange;
  /** Where the pen is; null while it is up. */
  #pen = null;
  #cursor;
  #isKeyPenDown = false;

  /** @param {HTMLCanvasElement} canvas @param {() => void} onChange */
  constructor(canvas, onChange) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d', { willReadFrequently: true });
    this.#onChange = onChange;
    this.#cursor = { x: canvas.width / 2, y: canvas.height / 4 };
    canvas.addEventListener('pointerdown', (event) => this.#press(event));
    canvas.addEventListener('pointermove', (event) => this.#move(event));
    for (const name of ['pointerup', 'pointercancel']) {
      canvas.addEventListener(name, () => (this.#pen = null));
    }
    canvas.addEventListener('keydown', (event) => this.#key(event));
  }

  clear() {
    this.#context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    this.#isKeyPenDown = false;
    this.#onChange();
  }

  /**
   * The drawing as the scans were made: cut out, made as large as fits, put into the middle, and averaged over each pixel.
   *
   * @param {{ side: number, margin: number, maximum: number }} digits
   * @returns {Float32Array | undefined} undefined when nothing is drawn
   */
  image({ side, margin, maximum }) {
    const { width, height } = this.#canvas;
    const { data } = this.#context.getImageData(0, 0, width, height);
    const ink = (x, y) =>
      x >= 0 && y >= 0 && x < width && y < height ? data[4 * (y * width + x) + 3] : 0;
    const box = inkBox(ink, width, height);
    if (!box) return undefined;
    const scale = Math.max(box.width, box.height) / (side - 2 * margin);
    const left = box.x + (box.width - side * scale) / 2;
    const top = box.y + (box.height - side * scale) / 2;
    return Float32Array.from({ length: side * side }, (_, pixel) => {
      const x = left + (pixel % side) * scale;
      const y = top + Math.floor(pixel / side) * scale;
      return Math.round((mean(ink, x, y, scale) / 255) * maximum);
    });
  }

  #press(event) {
    this.#canvas.setPointerCapture(event.pointerId);
    this.#pen = this.#position(event);
    this.#draw(this.#pen);
  }

  #move(event) {
    if (!this.#pen) return;
    for (const each of event.getCoalescedEvents?.() ?? [event]) this.#draw(this.#position(each));
  }

  /** Draws from the pen to a point. */
  #draw(point) {
    const context = this.#context;
    const from = this.#pen ?? point;
    context.lineWidth = PEN;
    context.lineCap = 'round';
    context.strokeStyle = getComputedStyle(this.#canvas).color;
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(point.x, point.y);
    context.stroke();
    this.#pen = point;
    this.#onChange();
  }

  #key(event) {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const move = moves[event.key];
    if (event.key === ' ') this.#isKeyPenDown = !this.#isKeyPenDown;
    else if (event.key === 'Delete' || event.key === 'Backspace') return this.clear();
    else if (!move) return;
    event.preventDefault();
    const from = this.#cursor;
    const [dx, dy] = move ?? [0, 0];
    const within = (value, size) => Math.min(Math.max(value, PEN / 2), size - PEN / 2);
    this.#cursor = {
      x: within(from.x + dx * STEP, this.#canvas.width),
      y: within(from.y + dy * STEP, this.#canvas.height),
    };
    if (!this.#isKeyPenDown) return;
    this.#pen = from;
    this.#draw(this.#cursor);
    this.#pen = null;
  }

  #position({ clientX, clientY }) {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    return {
      x: ((clientX - left) / width) * this.#canvas.width,
      y: ((clientY - top) / height) * this.#canvas.height,
    };
  }
}

/** The rectangle that holds all ink. */
function inkBox(ink, width, height) {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (ink(x, y) <= FAINT) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  if (right < 0) return undefined;
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/** The mean over a square. */
function mean(ink, left, top, size) {
  let sum = 0;
  let count = 0;
  for (let y = Math.round(top); y < Math.round(top + size); y++) {
    for (let x = Math.round(left); x < Math.round(left + size); x++) {
      sum += ink(x, y);
      count++;
    }
  }
  return count === 0 ? 0 : sum / count;
}
