// `npm start`: gateway, demo MCP server and demo REST API, then a printed tour of what governance does.
import { spawn } from 'node:child_process';
import { prepare, root } from './preflight.mjs';

prepare();
const { buildDemo } = await import('../build.mjs');
const demo = await buildDemo();
const child = spawn(process.execPath, ['--enable-source-maps', demo, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1)));
