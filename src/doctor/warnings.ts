/** What kind of problem a {@link TrainingWarning} is about. */
export type WarningCode =
  /** A feature has the same value in every example, so nothing can be learned from it. */
  | 'CONSTANT_COLUMN'
  /** Features are so large that activations saturate or gradients explode. */
  | 'UNSCALED_INPUT'
  /** Features differ so much in scale that no learning rate suits all of their weights. */
  | 'UNEQUAL_SCALES'
  /** Targets lie where the output's activation function cannot reach. */
  | 'TARGET_OUT_OF_RANGE'
  /** Rows of targets for softmax outputs do not sum to 1. */
  | 'TARGET_NOT_DISTRIBUTION'
  /** A class has no example to be learned from. */
  | 'MISSING_CLASS'
  /** A network has learned nothing, and its gradients get lost on their way back through time or down the layers. */
  | 'VANISHING_GRADIENT'
  /** A network has learned nothing, and its gradients grow out of hand on that way. */
  | 'EXPLODING_GRADIENT';

/** Something about the data or the network that most likely is a mistake; training goes on. */
export interface TrainingWarning {
  /** Stable, machine-readable kind. */
  readonly code: WarningCode;
  /** What is wrong, where, and one way to mend it. */
  readonly message: string;
  /** The columns of features or targets, or the classes, that it is about, counted from 0. */
  readonly columns: readonly number[];
  /** Path of the layer that it is about, where it is about one: `layers.0`. */
  readonly layer?: string;
}

/** What has been said about a network already. */
const said = new WeakMap<object, Set<string>>();

/** Says on the console what was found, each thing once for a network. */
export function printWarnings(network: object, warnings: readonly TrainingWarning[]): void {
  const known = said.get(network) ?? new Set();
  said.set(network, known);
  for (const { code, message, layer } of warnings) {
    // What is said of a layer has figures that differ from run to run.
    const key = layer === undefined ? message : `${code} ${layer}`;
    if (known.has(key)) continue;
    known.add(key);
    console.warn(`chainrule: ${message} [${code}; fit option warnings: false for silence]`);
  }
}

/** A number for people: three digits, with an exponent where there would be many zeros. */
export function short(value: number): string {
  const rounded = Number(value.toPrecision(3));
  return Math.abs(rounded) < 1e6 ? String(rounded) : rounded.toExponential();
}

/** What data have. */
export const COLUMNS = ['column', 'columns'] as const;
export const CLASSES = ['class', 'classes'] as const;

/** Columns in words: `columns 0 ('age'), 3 and 4`, abridged when there are many. */
export function listed(
  [singular, plural]: readonly [singular: string, plural: string],
  columns: readonly number[],
  names: readonly string[] | undefined,
): string {
  const most = 5;
  const shown = columns.slice(0, most).map((column) => nameOf(column, names));
  if (columns.length > most) return `${columns.length} ${plural} (${shown.join(', ')}, …)`;
  const last = shown.pop()!;
  return shown.length > 0 ? `${plural} ${shown.join(', ')} and ${last}` : `${singular} ${last}`;
}

function nameOf(column: number, names: readonly string[] | undefined): string {
  return names ? `${column} ('${names[column]}')` : String(column);
}
