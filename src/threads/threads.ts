import type { Core } from '../core/core.ts';
import type { Arena } from '../plan/arena.ts';
import { writeParts } from '../plan/parts.ts';
import type { Instruction } from '../plan/program.ts';
import { type Backup, Crew, Team } from './team.ts';

/** What an engine needs to run programs on several threads. */
export interface Threads {
  /** The helpers of a network. */
  createTeam(core: Core, arena: Arena): Team;
  /** The threads of one run, with a backup of what it changes. */
  engage(team: Team, count: number, backup: Backup | undefined): Crew;
  /** Writes how several threads share an instruction; returns false when it is for one. */
  writeParts(record: DataView, instruction: Instruction): boolean;
}

/** Threads for engines that are to have them. */
export const threads: Threads = {
  createTeam: (core, arena) => new Team(core, arena),
  engage: (team, count, backup) => new Crew(team, count, backup),
  writeParts,
};
