import { describe, expect, it } from 'vitest';
import { startDemoMcpServer } from '../../kong-plugin/demo/mcp-server/demo-mcp-server.ts';
import { conformanceSuite } from './conformance-suite.ts';
import { runConformance } from './run-conformance.ts';
import { directTarget } from './targets.ts';

conformanceSuite(directTarget);

describe('the conformance runner', () => {
  it('reports the failed checks of a server without the fixtures, so a green suite means something', async () => {
    const server = await startDemoMcpServer({ port: 0 });
    const { failed, failures } = await runConformance({ url: server.businessUrl, suite: 'released' });
    await server.close();
    expect(failed).toBeGreaterThan(0);
    expect(failures.join('\n')).toContain('tools-call-simple-text');
  });

  it('rejects when the suite had to be stopped', async () => {
    const run = runConformance({ url: 'http://127.0.0.1:1/mcp', suite: 'released', timeoutMilliseconds: 10 });
    await expect(run).rejects.toThrow('stopped after 10 ms');
  });
});
