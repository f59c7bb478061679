// `npm start`: gateway, demo MCP server, demo REST API and billing, a printed tour of what governance does, then the portal.
import { spawn } from 'node:child_process';
import { prepare, root } from './preflight.mjs';

prepare();
const { buildDemo } = await import('../build.mjs');
const { build: buildBilling } = await import('../../billing/build.mjs');
const [demo, billing] = await Promise.all([buildDemo(), buildBilling(['billing-demo'])]);
const child = spawn(process.execPath, ['--enable-source-maps', demo, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, BILLING_DEMO: billing['billing-demo'] },
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1)));
