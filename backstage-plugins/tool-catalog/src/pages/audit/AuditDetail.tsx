import { Flex, Text } from '@backstage/ui';
import type { AuditRecord } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { Facts } from '../../components/Facts';
import { JsonBlock } from '../../components/JsonBlock';
import { moment } from '../../components/names';

/** One record in full. */
export const AuditDetail = ({ record }: { readonly record: AuditRecord }) => (
  <Flex direction="column" gap="4">
    {record.detail !== undefined && <Text as="p">“{record.detail}”</Text>}
    <Facts
      facts={[
        ['Time', moment(record.occurredAt)],
        ['Tenant', record.tenant || '-'],
        ['Application', record.application || 'nobody'],
        ['User', record.user ?? '-'],
        ['Decision', record.decision],
        ['Outcome', record.outcome],
        ['Reason', record.reason ?? '-'],
        ['Rule', record.rule ?? '-'],
        ['HTTP status', String(record.status)],
        ['Time taken', `${record.latencyMs} ms`],
        ['Record', record.id],
      ]}
    />
    <Text as="h3" variant="title-x-small">
      Arguments
    </Text>
    <JsonBlock value={record.arguments ?? 'not stored'} label="Redacted arguments" />
    {record.argumentsSha256 !== undefined && (
      <Text color="secondary">SHA-256 of the arguments as sent: {record.argumentsSha256}</Text>
    )}
  </Flex>
);
