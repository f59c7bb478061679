import type { Services } from '../services';
import type { Route } from './route';

export const auditRoutes = (_: Services): readonly Route[] => [];
