import type { Services } from '../services';
import type { Route } from './route';

export const usageRoutes = (_: Services): readonly Route[] => [];
