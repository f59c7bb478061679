import { benchDecisions } from './decisions.ts';
import { benchEndToEnd } from './end-to-end.ts';
import { benchGateway } from './gateway.ts';
import { benchPluginServer } from './plugin-server.ts';
import { benchSpool } from './spool.ts';

const sections: Readonly<Record<string, (print: (line: string) => void) => void | Promise<void>>> = {
  decisions: benchDecisions,
  'end-to-end': benchEndToEnd,
  socket: benchPluginServer,
  gateway: benchGateway,
  spool: benchSpool,
};

// `npm run bench -- socket` measures one part.
const chosen = process.argv.slice(2);
const unknown = chosen.find((name) => !Object.hasOwn(sections, name));
if (unknown !== undefined) {
  console.error(`There is no part "${unknown}". Parts: ${Object.keys(sections).join(', ')}.`);
  process.exit(2);
}
for (const [name, run] of Object.entries(sections))
  if (chosen.length === 0 || chosen.includes(name)) await run((line) => console.log(line));
