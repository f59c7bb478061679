import {
  Sidebar,
  SidebarDivider,
  SidebarGroup,
  SidebarItem,
  SidebarScrollWrapper,
  SidebarSpace,
} from '@backstage/core-components';
import type { NavContentComponent } from '@backstage/plugin-app-react';
import { NotificationsSidebarItem } from '@backstage/plugin-notifications';
import { SidebarSearchModal } from '@backstage/plugin-search';
import { UserSettingsSignInAvatar } from '@backstage/plugin-user-settings';
import { RiMenuLine, RiSearchLine } from '@remixicon/react';
import { useHiddenPages } from './useHiddenPages';

/** What fits into the bar. */
const shorter: Readonly<Record<string, string>> = { 'My applications and keys': 'Applications' };

/** Pages in the order of their use; whatever else is installed follows by title. */
export const PortalSidebar: NavContentComponent = ({ navItems }) => {
  const hidden = useHiddenPages();
  const nav = navItems.withComponent((item) => (
    <SidebarItem icon={() => item.icon} to={item.href} text={shorter[item.title] ?? item.title} />
  ));
  // Both have an item of their own below.
  nav.take('page:search');
  nav.take('page:notifications');
  for (const page of hidden) nav.take(page);
  return (
    <Sidebar>
      <SidebarGroup label="Search" icon={<RiSearchLine />} to="/search">
        <SidebarSearchModal />
      </SidebarGroup>
      <SidebarDivider />
      <SidebarGroup label="Menu" icon={<RiMenuLine />}>
        {nav.take('page:tool-catalog')}
        {nav.take('page:catalog')}
        {nav.take('page:api-docs')}
        <SidebarDivider />
        {nav.take('page:tool-catalog/applications')}
        {nav.take('page:tool-catalog/usage')}
        {nav.take('page:tool-catalog/approvals')}
        {nav.take('page:tool-catalog/tool-changes')}
        {nav.take('page:tool-catalog/audit')}
        <SidebarDivider />
        <SidebarScrollWrapper>{nav.rest({ sortBy: 'title' })}</SidebarScrollWrapper>
      </SidebarGroup>
      <SidebarSpace />
      <SidebarDivider />
      <NotificationsSidebarItem />
      <SidebarGroup label="Settings" icon={<UserSettingsSignInAvatar />} to="/settings">
        {nav.take('page:user-settings')}
      </SidebarGroup>
    </Sidebar>
  );
};
