import { benchDecisions } from './decisions.ts';
import { benchGateway } from './gateway.ts';
import { benchPluginServer } from './plugin-server.ts';

const print = (line: string): void => console.log(line);
benchDecisions(print);
await benchPluginServer(print);
await benchGateway(print);
