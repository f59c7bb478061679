import { parseArgs } from 'node:util';
import { startDemoRestApi } from './rest-api/demo-rest-api.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '9102' },
    host: { type: 'string', default: '127.0.0.1' },
  },
});

const api = await startDemoRestApi({ port: Number(values.port), host: values.host });
console.log(`REST demo API: ${api.url}, described at ${api.url}/openapi.json`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void api.close().then(() => process.exit(0)));
}
