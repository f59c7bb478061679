import type { Command } from '../command.ts';
import { check } from './check.ts';
import { diff } from './diff.ts';
import { explain } from './explain.ts';
import { simulate } from './simulate.ts';
import { toolsOf } from './tools-of.ts';
import { whoCan } from './who-can.ts';

/** All commands, in the order of the help. */
export const commands: readonly Command[] = [check, explain, whoCan, toolsOf, diff, simulate];
