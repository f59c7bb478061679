import { Flex, Text } from '@backstage/ui';
import type { AuditRecord } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { Facts } from '../../components/Facts';
import { JsonBlock } from '../../components/JsonBlock';
import { moment } from '../../components/names';
import { Outcome } from '../../components/Outcome';
import { useLoad } from '../../hooks/useLoad';
import { useToolCatalog } from '../../hooks/useToolCatalog';

/** One record in full. */
export const AuditDetail = ({ record }: { readonly record: AuditRecord }) => (
  <Flex direction="column" gap="4">
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
    <WholeRecord id={record.id} />
    {record.argumentsSha256 !== undefined && <Text>SHA-256 of the arguments as sent: {record.argumentsSha256}</Text>}
  </Flex>
);

/** Asked for when a record is opened: lists leave arguments out. */
const WholeRecord = ({ id }: { readonly id: string }) => {
  const catalog = useToolCatalog();
  const loaded = useLoad(() => catalog.auditRecord(id), id);
  return (
    <Outcome loaded={loaded}>
      {(whole) => (
        <>
          {whole.detail !== undefined && <Text as="p">“{whole.detail}”</Text>}
          <Text as="h3" variant="title-x-small">
            Arguments
          </Text>
          <JsonBlock value={whole.arguments ?? 'not stored'} label="Redacted arguments" />
        </>
      )}
    </Outcome>
  );
};
