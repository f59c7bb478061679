/** Microseconds per run. */
export interface Timing {
  readonly p50: number;
  readonly p99: number;
}

/** Times `run` one by one, `rounds` times after a tenth of that as warm-up. */
export const measure = (rounds: number, run: (round: number) => void): Timing => {
  for (let round = 0; round < rounds / 10; round += 1) run(round);
  const samples = new Float64Array(rounds);
  for (let round = 0; round < rounds; round += 1) {
    const start = process.hrtime.bigint();
    run(round);
    samples[round] = Number(process.hrtime.bigint() - start) / 1000;
  }
  return percentiles(samples);
};

/**
 * Microseconds of CPU for one run, the best of five batches: what else the machine does adds to a clock, and only a little
 * to this.
 */
export const measureCpu = (rounds: number, run: (round: number) => void): number => {
  const batch = (): number => {
    const before = process.cpuUsage();
    for (let round = 0; round < rounds; round += 1) run(round);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / rounds;
  };
  batch();
  return Math.min(...Array.from({ length: 5 }, batch));
};

export const percentiles = (samples: Float64Array): Timing => {
  const sorted = samples.toSorted();
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
};

export const table = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ');
  return rows.map(line).join('\n');
};

export const median = (values: readonly number[]): number =>
  values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
