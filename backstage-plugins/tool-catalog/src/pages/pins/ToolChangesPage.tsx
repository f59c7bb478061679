import { useState } from 'react';
import { Button, Cell, CellText, Dialog, DialogBody, DialogHeader, Table, type ColumnConfig } from '@backstage/ui';
import type { ToolPin } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { CatalogPage } from '../../components/CatalogPage';
import { moment } from '../../components/names';
import { NothingYet } from '../../components/NothingYet';
import { Outcome } from '../../components/Outcome';
import { StateBadge } from '../../components/StateBadge';
import { useLoad } from '../../hooks/useLoad';
import { useToolCatalog } from '../../hooks/useToolCatalog';
import { PinReview } from './PinReview';

type Row = ToolPin & { readonly id: string };

/** Definitions of tools: what changed after it was approved is held back by the gateway until somebody looks at it here. */
export const ToolChangesPage = () => {
  const catalog = useToolCatalog();
  const loaded = useLoad(() => catalog.pins());
  const [open, setOpen] = useState<ToolPin>();
  return (
    <CatalogPage intro="A model obeys what a tool's description says. Look at each definition once; one that changes later is held back until you approve it again.">
      <Outcome loaded={loaded}>
        {(pins) =>
          pins.length === 0 ? (
            <NothingYet
              title="No tools seen yet"
              hint="They show here once somebody has listed the tools of your servers through the gateway."
            />
          ) : (
            <Table
              columnConfig={columnsOf(setOpen)}
              data={changedFirst(pins).map((pin) => ({ ...pin, id: `${pin.server}/${pin.tool}` }))}
              pagination={{ type: 'none' }}
            />
          )
        }
      </Outcome>
      {open !== undefined && (
        <Dialog isOpen onOpenChange={(isOpen) => !isOpen && setOpen(undefined)} width={760}>
          <DialogHeader>
            {open.server}/{open.tool}
          </DialogHeader>
          <DialogBody>
            <PinReview
              server={open.server}
              tool={open.tool}
              onApproved={() => {
                setOpen(undefined);
                loaded.reload();
              }}
            />
          </DialogBody>
        </Dialog>
      )}
    </CatalogPage>
  );
};

const order: readonly ToolPin['state'][] = ['changed', 'new', 'withdrawn', 'approved'];

const changedFirst = (pins: readonly ToolPin[]): readonly ToolPin[] =>
  [...pins].sort((left, right) => order.indexOf(left.state) - order.indexOf(right.state));

const columnsOf = (onOpen: (pin: ToolPin) => void): readonly ColumnConfig<Row>[] => [
  {
    id: 'tool',
    label: 'Tool',
    isRowHeader: true,
    cell: ({ server, tool }) => <CellText title={tool} description={server} />,
  },
  {
    id: 'state',
    label: 'State',
    cell: ({ state }) => (
      <Cell>
        <StateBadge state={state} />
      </Cell>
    ),
  },
  {
    id: 'since',
    label: 'Since',
    cell: ({ changedAt, approvedAt, firstSeenAt }) => (
      <CellText title={moment(changedAt ?? approvedAt ?? firstSeenAt)} />
    ),
  },
  {
    id: 'warnings',
    label: 'Warnings',
    cell: ({ warnings }) => (
      <CellText title={warnings.length === 0 ? 'none' : String(warnings.length)} description={warnings[0] ?? ''} />
    ),
  },
  {
    id: 'review',
    label: 'Review',
    cell: (pin) => (
      <Cell>
        <Button size="small" variant="secondary" aria-label={`Review ${pin.tool}`} onPress={() => onOpen(pin)}>
          Review
        </Button>
      </Cell>
    ),
  },
];
