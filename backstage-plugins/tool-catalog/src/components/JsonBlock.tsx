import { Box } from '@backstage/ui';

/** JSON as plain text, whoever wrote it: nothing in it is ever interpreted. */
export const JsonBlock = ({ value, label }: { readonly value: unknown; readonly label: string }) => (
  <Box
    // A region that scrolls must be reachable by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    tabIndex={0}
    role="region"
    aria-label={label}
    style={{
      margin: 0,
      padding: 'var(--bui-space-3)',
      background: 'var(--bui-bg-neutral-2)',
      borderRadius: 'var(--bui-radius-2)',
      fontFamily: 'var(--bui-font-monospace)',
      fontSize: 'var(--bui-font-size-2)',
      overflow: 'auto',
      maxHeight: 420,
      whiteSpace: 'pre-wrap',
      overflowWrap: 'anywhere',
    }}
  >
    {typeof value === 'string' ? value : JSON.stringify(value, undefined, 2)}
  </Box>
);
