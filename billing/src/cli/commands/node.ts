import { describeIssue } from '../../domain/issue.ts';
import { success } from '../../domain/result.ts';
import { createNodeCredential, listNodes, revokeNodeCredential } from '../../ledger/node-credentials.ts';
import type { SessionCommand } from '../command.ts';
import { refused } from '../failure.ts';
import { formatTable } from '../table.ts';

export const nodeAdd: SessionCommand = {
  name: 'node add',
  needs: 'database',
  summary: 'a credential for a gateway node',
  usage: 'NODE',
  help: `Makes the credential with which a gateway node ships its records, and prints it once.

  stoa-billing node add gw-1
`,
  options: {},
  positionals: { min: 1, max: 1 },
  run: async ({ positionals: [nodeId = ''] }, { database }) => {
    const made = await createNodeCredential(database, nodeId);
    if (!made.ok) return refused(describeIssue(made.error));
    const text = `${made.value.token}\n\nThis is the credential of node ${nodeId}. It is shown this once.`;
    return success({ text, json: made.value });
  },
};

export const nodeRevoke: SessionCommand = {
  name: 'node revoke',
  needs: 'database',
  summary: 'end the credential of a node',
  usage: 'NODE',
  help: `From now on the node's batches are refused; they wait on its disk until it has a new credential.

  stoa-billing node revoke gw-1
`,
  options: {},
  positionals: { min: 1, max: 1 },
  run: async ({ positionals: [nodeId = ''] }, { database }) =>
    (await revokeNodeCredential(database, nodeId))
      ? success({ text: `The credential of ${nodeId} is revoked.`, json: { nodeId } })
      : refused(`Node ${nodeId} has no valid credential; see: stoa-billing node list.`),
};

export const nodeList: SessionCommand = {
  name: 'node list',
  needs: 'database',
  summary: 'nodes, and which of their records are missing',
  usage: '',
  help: `Lists gateway nodes. Exit code 1 when records of one are missing.

  stoa-billing node list
`,
  options: {},
  positionals: { min: 0, max: 0 },
  run: async (_, { database }) => {
    const nodes = await listNodes(database);
    const rows = nodes.map(({ nodeId, lastSeenAt, revokedAt, skewMs, missing }) => [
      ...[nodeId, revokedAt === null ? 'valid' : 'revoked', lastSeenAt?.toISOString() ?? 'never'],
      ...[skewMs === null ? '-' : `${skewMs} ms`, missing.toString()],
    ]);
    return success({
      hasFindings: nodes.some(({ missing }) => missing > 0n),
      text:
        rows.length === 0
          ? 'There are no nodes. Add one with: stoa-billing node add.'
          : formatTable([['node', 'credential', 'last seen', 'clock', 'missing'], ...rows], { right: [3, 4] }),
      json: { nodes },
    });
  },
};
