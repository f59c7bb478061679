import { createRouteRef } from '@backstage/frontend-plugin-api';

export const rootRouteRef = createRouteRef();
export const applicationsRouteRef = createRouteRef();
export const approvalsRouteRef = createRouteRef();
export const usageRouteRef = createRouteRef();
export const auditRouteRef = createRouteRef();
export const toolChangesRouteRef = createRouteRef();
