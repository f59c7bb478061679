import { afterAll, beforeAll } from 'vitest';
import { startGovernedDemo } from '../setup/governed-demo.ts';
import { clientSuite } from './client-suite.ts';

let demo: Awaited<ReturnType<typeof startGovernedDemo>>;
beforeAll(async () => {
  demo = await startGovernedDemo({ config: 'conformance' });
});
afterAll(async () => {
  await demo.close();
});

/** The configuration `conformance` is open to everybody, so that every client feature can be used; a key changes nothing. */
clientSuite({
  name: 'through the gateway',
  target: () => ({ url: demo.mcpUrl, headers: { apikey: 'test-key-of-nobody' } }),
  calls: () => demo.mcpServer.calls,
});
