// Several threads on one program. One thread leads: it alone interprets the program, and what an instruction does to the
// registers it does alone. An instruction that can be cut into parts (fields from FIELD_PART_ROWS on in src/core/abi.ts) it
// offers to the helpers of its team: whoever is there takes parts until none is left, and the leader goes on when all are done.
//
// Every part is made of whole output elements, and which parts there are depends on the instruction alone. So each sum is made
// by one thread in one order, and how many threads there are, or how fast they are, changes no bit.
//
// Nobody waits for a helper that has taken nothing: one that has not come yet, that the machine has no time for, or that died
// in its sleep, costs nothing but its help.
import {
  KEPT_BYTES,
  OP_MATMUL,
  RECORD_BYTES,
  SCRATCH_BYTES,
  SLOT_ATTACHED,
  SLOT_BYTES,
  SLOT_FREE,
  SLOT_LEAVE,
  SLOT_RECORD,
  SLOT_SCRATCH,
  TEAM_BYTES,
  TEAM_GENERATION,
  TEAM_LEFT,
  TEAM_LINE,
  TEAM_LOST,
  TEAM_MAY_WAIT,
  TEAM_PARTS,
  TEAM_PENDING,
  TEAM_RECORD,
  TEAM_RECORD_COPY,
  TEAM_SCRATCH,
  TEAM_SLEEPERS,
  TEAM_STATE,
  TEAM_WAITING,
} from '../src/core/abi';
import { Instruction } from './instruction';
import { execute } from './execute';
import { packLeft } from './gemm/gemm';
import { keepsLeft } from './gemm/paths';

if (SLOT_RECORD + RECORD_BYTES > SLOT_SCRATCH) ERROR('abi: SLOT_SCRATCH');
if (SLOT_SCRATCH + SCRATCH_BYTES + KEPT_BYTES > SLOT_BYTES) ERROR('abi: SLOT_BYTES');
if (TEAM_RECORD_COPY + RECORD_BYTES > TEAM_SCRATCH) ERROR('abi: TEAM_SCRATCH');
if (TEAM_SCRATCH + SCRATCH_BYTES + KEPT_BYTES > TEAM_BYTES) ERROR('abi: TEAM_BYTES');

/** So often a thread looks before it sleeps, some 100 µs: as long as the longest parts take, for which one thread waits in vain. */
const LOOKS: i32 = 100000;

/** A leader that may not sleep (the thread of a page) looks so often, about two seconds, before it gives a helper up for lost. */
const PATIENCE: i32 = 1000000000;

/** A leader that may sleep does so for this many nanoseconds and this many times, ten seconds, before it gives a helper up. */
const NAP: i64 = 10000000;
const NAPS: i32 = 1000;

/** Parts of an instruction; 0 when it is for one thread. */
export function partsOf(record: usize): i32 {
  const r = changetype<Instruction>(record);
  return r.lines * r.lineParts;
}

/**
 * Executes `count` parts of a line as one, from part `index` of a record on: the same record on fewer rows and columns, its operands that
 * much further on.
 *
 * @param copy - where to write it, `RECORD_BYTES`
 * @param scratch - `SCRATCH_BYTES`, and behind them `KEPT_BYTES` for what parts of a line have in common
 * @param isKept - whether that is there, from parts of the same line
 */
export function executeParts(
  state: usize,
  record: usize,
  index: i32,
  count: i32,
  copy: usize,
  scratch: usize,
  isKept: bool,
): void {
  memory.copy(copy, record, RECORD_BYTES);
  const r = changetype<Instruction>(copy);
  const line = index / r.lineParts;
  const place = index % r.lineParts;
  const row = (r.sideBySide ? line : place) * r.partRows;
  const column = (r.sideBySide ? place : line) * r.partColumns;
  const wholeColumns = r.columns;
  r.firstRow = row;
  r.wholeRows = r.rows;
  r.rows = min(r.partRows * (r.sideBySide ? 1 : count), r.rows - row);
  r.columns = min(r.partColumns * (r.sideBySide ? count : 1), r.columns - column);
  r.out += <usize>row * r.outRowStep + <usize>column * r.outColumnStep;
  r.a += <usize>row * r.aRowStep + <usize>column * r.aColumnStep;
  r.b += <usize>row * r.bRowStep + <usize>column * r.bColumnStep;
  r.c += <usize>row * r.cRowStep + <usize>column * r.cColumnStep;
  r.d += <usize>row * r.dRowStep;
  if (r.opcode == OP_MATMUL) keepLeft(r, wholeColumns, scratch + SCRATCH_BYTES, isKept);
  execute(state, copy, scratch);
}

/** Has a product read its left operand packed, where that repays; parts side by side have the same one. */
function keepLeft(r: Instruction, wholeColumns: i32, to: usize, isKept: bool): void {
  if (!r.sideBySide || !keepsLeft(r.kind, r.rows, wholeColumns, r.inner, r.aStride)) return;
  if (!isKept) packLeft(r.kind, to, r.a, r.rows, r.inner, r.aStride);
  r.d = to;
}

/** Executes all parts of a record with the help of a team. */
export function share(state: usize, record: usize, parts: i32, team: usize): void {
  store<usize>(team + TEAM_STATE, state);
  store<usize>(team + TEAM_RECORD, record);
  // A helper with an outdated offer still asks for these, when the record may be gone.
  store<i32>(team + TEAM_LINE, changetype<Instruction>(record).lineParts);
  store<i32>(team + TEAM_PARTS, parts);
  atomic.store<i32>(team + TEAM_PENDING, parts);
  // Generation and parts left change together: whoever takes a part thereby knows that it is one of this record.
  const generation = atomic.load<i32>(team + TEAM_GENERATION) + 1;
  atomic.store<i64>(team + TEAM_LEFT, ((<i64>generation) << 32) | Parts.all(parts));
  if (atomic.load<i32>(team + TEAM_SLEEPERS)) atomic.notify(team + TEAM_GENERATION);
  takeParts(team, true, team + TEAM_RECORD_COPY, team + TEAM_SCRATCH);
  join(team);
}

/** What is left of the queue of parts, as a range in the lower half of TEAM_LEFT: first | end << 16. */
class Parts {
  static all(count: i32): i64 {
    return (<i64>count) << 16;
  }
  static first(offer: i64): i32 {
    return (<i32>offer) & 0xffff;
  }
  static end(offer: i64): i32 {
    return (<i32>offer) >>> 16;
  }
}

/**
 * Takes and executes parts until none is left: the leader from the front of the queue, helpers from its end. The queue holds the lower half
 * of the parts in their order, then the upper half in reverse. So each runs forward through a half, as memory is read ahead, and backward
 * where it helps with the other; and in instructions that are cut alike, as most that follow each other are, a thread finds in its caches
 * what it has written.
 *
 * It takes an eighth of those left at once, as far as they are in one line: a product of many terms packs its left operand less often when it is large, and
 * the wait for the last parts is short when they are small.
 */
export function takeParts(team: usize, leads: bool, copy: usize, scratch: usize): void {
  // The instruction and the line of which something is kept.
  let generation = 0;
  let keptLine = -1;
  for (;;) {
    const offer = atomic.load<i64>(team + TEAM_LEFT);
    const first = Parts.first(offer);
    const end = Parts.end(offer);
    if (first >= end) return;
    const line = load<i32>(team + TEAM_LINE);
    const parts = load<i32>(team + TEAM_PARTS);
    const half = parts >> 1;
    const place = leads ? first : end;
    const untilHalf = leads ? half - place : place - half;
    const forward = untilHalf > 0;
    // Where this thread's next part begins, or, where it runs backward, where it ends.
    const at = forward == leads ? place : half + parts - place;
    const most = forward ? min(untilHalf, line - (at % line)) : ((at - 1) % line) + 1;
    const count = min(most, max(1, (end - first) >> 3));
    // The leader moves the first one on, a helper the end, 16 bits further up, back.
    const taken: i64 = leads ? count : -(count << 16);
    if (atomic.cmpxchg<i64>(team + TEAM_LEFT, offer, offer + taken) != offer) continue;
    const index = forward ? at : at - count;
    const isKept = index / line == keptLine && <i32>(offer >> 32) == generation;
    keptLine = index / line;
    generation = <i32>(offer >> 32);
    // Until these parts are counted as done, the leader stays at this record.
    executeParts(
      load<usize>(team + TEAM_STATE),
      load<usize>(team + TEAM_RECORD),
      index,
      count,
      copy,
      scratch,
      isKept,
    );
    const others = atomic.sub<i32>(team + TEAM_PENDING, count) - count;
    if (others == 0 && atomic.load<i32>(team + TEAM_WAITING)) atomic.notify(team + TEAM_PENDING);
  }
}

/** Waits until every part is done. */
function join(team: usize): void {
  let looks = atomic.load<i32>(team + TEAM_MAY_WAIT) ? LOOKS : PATIENCE;
  while (atomic.load<i32>(team + TEAM_PENDING)) {
    if (--looks > 0) continue;
    if (atomic.load<i32>(team + TEAM_MAY_WAIT) && sleepUntilJoined(team)) return;
    store<i32>(team + TEAM_LOST, 1);
    unreachable();
  }
}

/** True when every part was done in time. */
function sleepUntilJoined(team: usize): bool {
  atomic.store<i32>(team + TEAM_WAITING, 1);
  let pending = atomic.load<i32>(team + TEAM_PENDING);
  for (let nap = 0; pending && nap < NAPS; nap++) {
    sleep(team + TEAM_PENDING, pending, NAP);
    pending = atomic.load<i32>(team + TEAM_PENDING);
  }
  atomic.store<i32>(team + TEAM_WAITING, 0);
  return pending == 0;
}

/**
 * Sleeps until woken, while the word at an address is what was expected, for so many nanoseconds at most (−1: without end).
 *
 * It must stay a function of its own, because V8 11.3 (Node 20) has a fault: in code of its baseline compiler, locals do not outlive
 * this instruction unless they are in memory. Here none is used behind it; in a caller they are safe, as calls save them. Binaryen
 * inlines single instructions even when they are exported, but not a condition; test/threads/unsteady.test.ts fails if this is undone.
 */
export function sleep(address: usize, expected: i32, nanoseconds: i64): void {
  if (atomic.load<i32>(address) == expected) atomic.wait<i32>(address, expected, nanoseconds);
}

/** Helps a team until the leader sends this helper away; all that a helper's thread does. */
export function help(team: usize, slot: usize): void {
  let looks = 0;
  while (atomic.load<i32>(slot) != SLOT_LEAVE) {
    const offer = atomic.load<i64>(team + TEAM_LEFT);
    if (Parts.first(offer) < Parts.end(offer)) {
      takeParts(team, false, slot + SLOT_RECORD, slot + SLOT_SCRATCH);
      looks = 0;
    } else if (++looks > LOOKS) {
      atomic.add<i32>(team + TEAM_SLEEPERS, 1);
      sleep(team + TEAM_GENERATION, <i32>(offer >> 32), -1);
      atomic.sub<i32>(team + TEAM_SLEEPERS, 1);
      looks = 0;
    }
  }
  atomic.store<i32>(slot, SLOT_FREE);
}

/** Sends the helper of a slot away. Only between runs. */
export function dismiss(team: usize, slot: usize): void {
  // A helper that never came finds this when it comes.
  atomic.cmpxchg<i32>(slot, SLOT_ATTACHED, SLOT_LEAVE);
  atomic.add<i32>(team + TEAM_GENERATION, 1);
  atomic.notify(team + TEAM_GENERATION);
}
