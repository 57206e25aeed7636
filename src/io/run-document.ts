import { type Register, registerNames } from '../registers.ts';
import type { EpochReport } from '../training/history.ts';
import type { EpochSteps } from '../training/windows.ts';
import { newProgress, type Position, type Progress } from '../training/state.ts';
import { badFile } from './errors.ts';
import type { RunIdentity } from './identity.ts';
import { isCount } from './model.ts';
import { fromJsonValue } from './plain.ts';
import type { TensorValues } from './dtypes.ts';
import { parseStrictJson } from './strict-json.ts';

/** What a checkpoint says of its run in the metadata. */
export interface RunDocument {
  readonly identity: RunIdentity;
  readonly position: Position;
  readonly progress: Omit<Progress, 'reports' | 'best'>;
  readonly seconds: number;
  /** Names of the registers, in the order of their values. */
  readonly registers: readonly string[];
}

/**
 * Reads a run's document and checks that it has the form of one.
 *
 * @throws {NetworkError} `BAD_FILE`
 */
export function readRun(value: unknown, where: string): RunDocument {
  const { reports: _reports, best: _best, ...progress } = newProgress();
  const form = {
    identity: { options: undefined, data: undefined, validation: undefined },
    position: { epoch: 0, step: 0, milliseconds: 0 },
    progress,
    seconds: 0,
    registers: registerNames.map(() => ''),
  };
  const run = fromJsonValue(value);
  checkForm(run, form, `${where}: run`);
  const document = run as RunDocument;
  const { options } = document.identity;
  if (typeof options !== 'object' || options === null) {
    throw badFile(`${where}: run.identity.options`, 'expected an object.');
  }
  if (isCount(document.position.epoch) && isCount(document.position.step)) return document;
  throw badFile(`${where}: run.position`, 'expected whole numbers ≥ 0.');
}

/** Checks that a value has the keys of a form, and numbers and texts where it has them. Where the form has undefined, anything goes. */
function checkForm(value: unknown, form: unknown, path: string): void {
  if (form === undefined) return;
  if (typeof form !== 'object' || form === null) {
    if (typeof value === typeof form) return;
    throw badFile(
      path,
      `expected a ${typeof form}, got ${value === null ? 'null' : typeof value}.`,
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) !== Array.isArray(form)) {
    throw badFile(path, `expected an ${Array.isArray(form) ? 'array' : 'object'}.`);
  }
  const unknown = Object.keys(value).find((key) => !(key in form));
  if (unknown !== undefined) throw badFile(path, `unknown entry ${unknown}.`);
  for (const [key, part] of Object.entries(form)) {
    checkForm((value as Record<string, unknown>)[key], part, `${path}.${key}`);
  }
}

/**
 * Reads the registers, and checks those that the core finds memory by against the position: a wrong one would reach beyond the data.
 *
 * @throws {NetworkError} `BAD_FILE`
 */
export function readRegisters(
  values: TensorValues | undefined,
  { registers: names, position }: RunDocument,
  epochSteps: EpochSteps | undefined,
  where: string,
): Record<Register, number> {
  const path = `${where}: registers`;
  const isComplete = registerNames.every((name) => names.includes(name));
  if (!(values instanceof Float64Array) || values.length !== names.length || !isComplete) {
    throw badFile(path, 'expected those of this release of chainrule.');
  }
  const read = Object.fromEntries(names.map((name, index) => [name, values[index]!]));
  const registers = read as Record<Register, number>;
  const { epoch, step } = position;
  const isInside = ({ all, cursor }: EpochSteps): boolean =>
    registers.step === epoch * all + step &&
    (step === 0 || (step < all && registers.cursor === cursor(step)));
  const fits =
    (!epochSteps || isInside(epochSteps)) &&
    (step === 0 || registers.epoch > 0) &&
    registers.logged === 0 &&
    isCount(registers.step) &&
    isCount(registers.epoch) &&
    isCount(registers.updates);
  if (!fits) throw badFile(path, 'they do not fit the position of the run.');
  return registers;
}

/**
 * Reads the reports of a run.
 *
 * @throws {NetworkError} `BAD_FILE`
 */
export function readReports(
  text: TensorValues | undefined,
  { position }: RunDocument,
  where: string,
): EpochReport[] {
  const path = `${where}: reports`;
  if (!(text instanceof Uint8Array)) throw badFile(path, 'expected UTF-8 text.');
  const reports = fromJsonValue(parseStrictJson(new TextDecoder().decode(text), path));
  const isReport = (report: Partial<EpochReport> | null, index: number): boolean =>
    report?.epoch === index + 1 && typeof report.seconds === 'number';
  const fits =
    Array.isArray(reports) && reports.length === position.epoch && reports.every(isReport);
  if (!fits) throw badFile(path, `expected one for each of the ${position.epoch} epochs.`);
  return reports as EpochReport[];
}
