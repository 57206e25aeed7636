import { alignColumns } from '../format.ts';
import type { ProgramInstruction } from './listing.ts';

/** A program as text: one line per instruction; with times, sorted as it runs, the share of each and the totals. */
export function programText(instructions: readonly ProgramInstruction[]): string {
  const total = sum(instructions, ({ microseconds = 0 }) => microseconds);
  const profiled = total > 0;
  const header = [
    '',
    'equation',
    'FLOP',
    'bytes',
    ...(profiled ? ['µs', 'share', 'GFLOP/s'] : []),
    'formula',
  ];
  const rows = instructions.map((instruction, index) => [
    String(index + 1),
    instruction.equation,
    scaled(instruction.flops),
    scaled(instruction.bytes),
    ...(profiled ? times(instruction, total) : []),
    `${instruction.text}${shapes(instruction)}`,
  ]);
  const totals = [
    '',
    'total',
    scaled(sum(instructions, ({ flops }) => flops)),
    scaled(sum(instructions, ({ bytes }) => bytes)),
    ...(profiled
      ? times({ flops: sum(instructions, ({ flops }) => flops), microseconds: total }, total)
      : []),
    '',
  ];
  return alignColumns([header, ...rows, totals], profiled ? [0, 2, 3, 4, 5, 6] : [0, 2, 3]).join(
    '\n',
  );
}

function times(
  { flops, microseconds = 0 }: Pick<ProgramInstruction, 'flops' | 'microseconds'>,
  total: number,
): string[] {
  return [
    microseconds.toFixed(2),
    `${((100 * microseconds) / total).toFixed(1)} %`,
    flops === 0 ? '' : (flops / microseconds / 1000).toFixed(1),
  ];
}

/** A count with two or three digits and k, M or G for thousands, millions, milliards. */
function scaled(value: number): string {
  if (value === 0) return '';
  const step = Math.min(3, Math.floor(Math.log10(value) / 3));
  const digits = value / 1000 ** step;
  const text = digits >= 100 || step === 0 ? digits.toFixed(0) : digits.toPrecision(2);
  return `${text}${['', 'k', 'M', 'G'][step]}`;
}

function shapes({ operands }: ProgramInstruction): string {
  const list = operands.map(({ name, rows, columns }) => `${name}[${rows}, ${columns}]`);
  return list.length > 0 ? `   (${list.join(', ')})` : '';
}

function sum(
  instructions: readonly ProgramInstruction[],
  of: (instruction: ProgramInstruction) => number,
): number {
  return instructions.reduce((total, instruction) => total + of(instruction), 0);
}
