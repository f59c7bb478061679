import { Alert, Flex, Text } from '@backstage/ui';
import type { TryResult } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { Facts } from '../../components/Facts';
import { JsonBlock } from '../../components/JsonBlock';
import type { Attempt } from './useTry';

/** Progress as it comes, then the result, how long it took and what it cost; read out by screen readers. */
export const TryOutcome = ({ attempt: { progress, result, cost, problem } }: { readonly attempt: Attempt }) => (
  <div aria-live="polite" data-testid="try-outcome">
    <Flex direction="column" gap="3">
      {progress.length > 0 && (
        <ol aria-label="Progress">
          {progress.map(({ message, progress: done, total }, index) => (
            <li key={`${index} ${message}`}>
              <Text>
                {message}
                {done !== undefined && total !== undefined ? ` (${done} of ${total})` : ''}
              </Text>
            </li>
          ))}
        </ol>
      )}
      {problem !== undefined && <Alert status="danger" icon title={problem} />}
      {result !== undefined && <Result result={result} cost={cost?.text} />}
    </Flex>
  </div>
);

const titles: Readonly<Record<TryResult['outcome'], string>> = {
  ok: 'It worked',
  tool_error: 'The tool answered with an error',
  refused: 'The gateway refused the call',
  failed: 'The call failed',
};

const statuses = { ok: 'success', tool_error: 'warning', refused: 'warning', failed: 'danger' } as const;

const Result = ({ result, cost }: { readonly result: TryResult; readonly cost: string | undefined }) => (
  <>
    <Alert
      status={statuses[result.outcome]}
      icon
      title={titles[result.outcome]}
      {...(result.message === undefined ? {} : { description: result.message })}
    />
    <Facts
      facts={[
        ['Time', `${result.latencyMs} ms`],
        ['Cost', cost ?? '…'],
        ...(result.status === undefined ? [] : [['HTTP status', String(result.status)] as const]),
        ['Trace', result.traceId],
      ]}
    />
    {result.content !== undefined && <JsonBlock value={result.content} label="What came back" />}
  </>
);
