import { benchIngest } from './ingest.ts';
import { benchMonthClose } from './month-close.ts';
import { benchUsageQuery } from './usage-query.ts';

const sections: Readonly<Record<string, (print: (line: string) => void) => Promise<void>>> = {
  ingest: benchIngest,
  close: benchMonthClose,
  usage: benchUsageQuery,
};

const chosen = process.argv.slice(2);
const unknown = chosen.find((name) => !Object.hasOwn(sections, name));
if (unknown !== undefined) {
  console.error(`There is no part "${unknown}". Parts: ${Object.keys(sections).join(', ')}.`);
  process.exit(2);
}
for (const [name, run] of Object.entries(sections))
  if (chosen.length === 0 || chosen.includes(name)) await run((line) => console.log(line));
