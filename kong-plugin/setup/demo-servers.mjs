// The two demo servers alone, on the ports that kong.yml names: for docker compose and for a Kong of your own.
import { spawn } from 'node:child_process';
import { prepare, root } from './preflight.mjs';

prepare();
const { buildDemoServers } = await import('../build.mjs');
const child = spawn(process.execPath, ['--enable-source-maps', await buildDemoServers()], {
  cwd: root,
  stdio: 'inherit',
});
child.on('exit', (code) => process.exit(code ?? 1));
