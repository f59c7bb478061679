import { failure, success, type Result } from '../../domain/result.ts';
import { didYouMean } from '../../domain/snapshot/suggest.ts';
import type { Arguments } from '../command.ts';
import { describePlace } from '../kong/governed-place.ts';
import type { Io } from '../io.ts';
import type { Problem } from '../problem.ts';
import { readRecords } from '../records/read-records.ts';
import { readFile, type PolicedPlace, type Setup } from './setup.ts';

/** The places of the server that `--server` names; all without it. */
export const placesFor = (
  setup: Setup,
  server: string | undefined,
): Result<readonly PolicedPlace[], readonly Problem[]> => {
  const { file } = setup.kong;
  if (setup.places.length === 0)
    return failure([{ file, problem: 'no service, route or consumer carries the plugin mcp-governance' }]);
  if (server === undefined) return success(setup.places);
  const found = setup.places.filter((place) => place.server === server);
  if (found.length > 0) return success(found);
  const names = [...new Set(setup.places.map((place) => place.server))];
  const hint = didYouMean(server, names) ?? `Servers: ${names.join(', ')}.`;
  return failure([{ file, problem: `there is no server ${JSON.stringify(server)}. ${hint}` }]);
};

/** Two places may govern one server; then the place is part of the name. */
export const placeLabel = (place: PolicedPlace, { places }: Setup): string =>
  places.filter(({ server }) => server === place.server).length > 1
    ? `${place.server} (${describePlace(place.place)})`
    : place.server;

/** `--at`, or now. */
export const timeOf = (parameters: Arguments, io: Io): Result<number, readonly Problem[]> => {
  const given = parameters.option('at');
  if (given === undefined) return success(io.now());
  const isComplete = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/.test(given);
  const time = Date.parse(given);
  if (isComplete && !Number.isNaN(time)) return success(time);
  return failure([{ problem: `--at ${given}: expected a time such as 2026-03-01T12:00:00Z` }]);
};

/** Tool names by server from the records that `--records` names. */
export const toolsInRecords = (
  parameters: Arguments,
  io: Io,
): Result<(server: string) => readonly string[], readonly Problem[]> => {
  const file = parameters.option('records');
  if (file === undefined) return success(() => []);
  const read = readFile(file, { io }, readRecords);
  if (!read.ok) return read;
  const { records } = read.value;
  return success((server) => [
    ...new Set(
      records.flatMap((record) => (record.server === server && record.tool !== undefined ? [record.tool] : [])),
    ),
  ]);
};
