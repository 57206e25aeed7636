import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

/** The cost of the training set and the accuracy on the test set, epoch by epoch. */
export class Curve {
  #element;
  #plot;
  /** Epochs, costs, accuracies in percent. */
  #data = [[], [], []];

  /** @param {HTMLElement} element */
  constructor(element) {
    this.#element = element;
    this.#create();
    new ResizeObserver(() => this.#plot.setSize(this.#size())).observe(element);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#create());
  }

  clear() {
    this.#data = [[], [], []];
    this.#plot.setData(this.#data);
  }

  /** @param {number} epoch @param {number} cost @param {number} accuracy - from 0 to 1 */
  add(epoch, cost, accuracy) {
    const [epochs, costs, accuracies] = this.#data;
    epochs.push(epoch);
    costs.push(cost);
    accuracies.push(100 * accuracy);
    this.#plot.setData(this.#data);
  }

  #size() {
    return { width: Math.max(this.#element.clientWidth, 200), height: 220 };
  }

  #create() {
    this.#plot?.destroy();
    const style = getComputedStyle(document.documentElement);
    const [ink, line, accent, second] = ['--faint', '--line', '--accent', '--second'].map((name) =>
      style.getPropertyValue(name).trim(),
    );
    const axis = {
      stroke: ink,
      grid: { stroke: line, width: 1 },
      ticks: { stroke: line, width: 1 },
    };
    this.#plot = new UPlot(
      {
        ...this.#size(),
        scales: {
          x: { time: false },
          y: { range: (_, __, most) => [0, most || 1] },
          '%': { range: [0, 100] },
        },
        axes: [
          axis,
          { ...axis, size: 50 },
          {
            ...axis,
            scale: '%',
            side: 1,
            size: 58,
            grid: { show: false },
            values: (_, marks) => marks.map((mark) => `${mark} %`),
          },
        ],
        series: [
          { label: 'epoch' },
          {
            label: 'cost',
            stroke: accent,
            width: 2,
            value: (_, value) => value?.toFixed(4) ?? '–',
          },
          {
            label: 'test accuracy',
            stroke: second,
            width: 2,
            scale: '%',
            value: (_, value) =>
              value === null || value === undefined ? '–' : `${value.toFixed(1)} %`,
          },
        ],
      },
      this.#data,
      this.#element,
    );
  }
}
