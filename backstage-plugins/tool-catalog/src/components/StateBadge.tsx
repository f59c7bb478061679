import { Badge } from '@backstage/ui';
import {
  RiAlertLine,
  RiCheckLine,
  RiCloseLine,
  RiHistoryLine,
  RiPauseLine,
  RiTimeLine,
  type RemixiconComponentType,
} from '@remixicon/react';

/** State is told by a word and an icon, never by colour alone. */
const icons: Readonly<Record<string, RemixiconComponentType>> = {
  active: RiCheckLine,
  approved: RiCheckLine,
  allow: RiCheckLine,
  ready: RiCheckLine,
  pending: RiTimeLine,
  new: RiTimeLine,
  overlap: RiHistoryLine,
  suspended: RiPauseLine,
  changed: RiAlertLine,
  failed: RiAlertLine,
  deny: RiCloseLine,
  rejected: RiCloseLine,
  revoked: RiCloseLine,
  expired: RiCloseLine,
  withdrawn: RiCloseLine,
};

export const StateBadge = ({ state, label = state }: { readonly state: string; readonly label?: string }) => {
  const Icon = icons[state] ?? RiTimeLine;
  return (
    <Badge size="small" icon={<Icon size={14} aria-hidden />}>
      {label}
    </Badge>
  );
};
