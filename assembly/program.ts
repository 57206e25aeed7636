// The interpreter: executes the records of a program one after the other, on one thread or, where they have parts, on several.
import { OP_REPEAT, RECORD_BYTES, STATE_BYTES, STATE_STOP } from '../src/core/abi';
import { execute } from './execute';
import { Instruction } from './instruction';
import { State } from './state';
import { partsOf, share } from './threads';

/**
 * Runs `count` records at `program`, in order, `repeat` times.
 *
 * @param state - address of the state block, followed by scratch memory
 * @param team - address of the team block, 0 for one thread
 * @returns how often the program ran to its end; less than `repeat` when a cost or a gradient was not finite, see STATE_STOP
 */
export function run(state: usize, program: usize, count: i32, repeat: i32, team: usize): i32 {
  State.write(state, STATE_STOP, 0);
  const end = program + <usize>count * RECORD_BYTES;
  for (let complete = 0; complete < repeat; complete++) {
    for (let record = program; record < end; record += RECORD_BYTES) {
      const r = changetype<Instruction>(record);
      if (r.opcode == OP_REPEAT) {
        const body = record + RECORD_BYTES;
        if (!repeatBody(state, body, r.columns, r.rows, team)) return complete;
        record += <usize>r.columns * RECORD_BYTES;
      } else if (!executeWith(team, state, record)) return complete;
    }
  }
  return repeat;
}

/** Runs `count` records `times` times; false when the run must end. */
function repeatBody(state: usize, body: usize, count: i32, times: i32, team: usize): bool {
  const end = body + <usize>count * RECORD_BYTES;
  for (let time = 0; time < times; time++) {
    for (let record = body; record < end; record += RECORD_BYTES) {
      if (!executeWith(team, state, record)) return false;
    }
  }
  return true;
}

/** Executes one record, sharing it with a team where there is one and the record has parts; false when the run must end. */
function executeWith(team: usize, state: usize, record: usize): bool {
  const parts = team ? partsOf(record) : 1;
  if (parts < 2) return execute(state, record, state + STATE_BYTES);
  share(state, record, parts, team);
  // What a part finds wrong it writes down: its answer would go to whoever has executed it.
  return State.read(state, STATE_STOP) == 0;
}
