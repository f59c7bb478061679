import { benchDecisions } from './decisions.ts';
import { benchGateway } from './gateway.ts';

const print = (line: string): void => console.log(line);
benchDecisions(print);
await benchGateway(print);
