import { useState } from 'react';
import { Button, Card, CardBody, CellText, Flex, Table, Text, type ColumnConfig } from '@backstage/ui';
import type { StatementDetail, StatementSummary } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { count } from '../../components/names';
import { Outcome } from '../../components/Outcome';
import { StateBadge } from '../../components/StateBadge';
import { useLoad } from '../../hooks/useLoad';
import { useToolCatalog } from '../../hooks/useToolCatalog';

/** Statements of whole months, as they go to the invoice. */
export const StatementsSection = () => {
  const catalog = useToolCatalog();
  const loaded = useLoad(() => catalog.statements());
  return (
    <section aria-labelledby="statements">
      <Flex direction="column" gap="3">
        <Text as="h2" id="statements" variant="title-small">
          Statements
        </Text>
        <Outcome loaded={loaded}>
          {(statements) =>
            statements.length === 0 ? (
              <Text color="secondary">None yet: a month is closed by finance, and only then has a statement.</Text>
            ) : (
              <Flex direction="column" gap="3">
                {statements.map((statement) => (
                  <Statement key={statement.id} statement={statement} />
                ))}
              </Flex>
            )
          }
        </Outcome>
      </Flex>
    </section>
  );
};

const Statement = ({ statement }: { readonly statement: StatementSummary }) => {
  const [isOpen, setOpen] = useState(false);
  const { tenant, periodStart, state, subtotal, currency, stripeInvoiceId } = statement;
  return (
    <Card>
      <CardBody>
        <Flex direction="column" gap="3">
          <Flex justify="between" align="center">
            <Flex gap="3" align="center">
              <Text as="h3" variant="title-x-small">
                {tenant}, {periodStart.slice(0, 7)}: {subtotal} {currency.toUpperCase()}
              </Text>
              <StateBadge state={state} />
              {stripeInvoiceId !== undefined && <Text color="secondary">invoice {stripeInvoiceId}</Text>}
            </Flex>
            <Button size="small" variant="secondary" aria-expanded={isOpen} onPress={() => setOpen(!isOpen)}>
              {isOpen ? 'Hide lines' : 'Show lines'}
            </Button>
          </Flex>
          {isOpen && <Lines id={statement.id} />}
        </Flex>
      </CardBody>
    </Card>
  );
};

type Line = StatementDetail['lines'][number] & { readonly id: number };

const columns: readonly ColumnConfig<Line>[] = [
  { id: 'description', label: 'Line', isRowHeader: true, cell: ({ description }) => <CellText title={description} /> },
  { id: 'quantity', label: 'Calls', cell: ({ quantity }) => <CellText title={count(quantity)} /> },
  { id: 'unit', label: 'Each', cell: ({ unitAmount = '' }) => <CellText title={unitAmount} /> },
  { id: 'amount', label: 'Amount', cell: ({ amount }) => <CellText title={amount} /> },
];

const Lines = ({ id }: { readonly id: string }) => {
  const catalog = useToolCatalog();
  const loaded = useLoad(() => catalog.statement(id), id);
  return (
    <Outcome loaded={loaded}>
      {({ lines }) => (
        <Table
          columnConfig={columns}
          data={lines.map((line) => ({ ...line, id: line.lineNo }))}
          pagination={{ type: 'none' }}
          emptyState="No lines."
        />
      )}
    </Outcome>
  );
};
