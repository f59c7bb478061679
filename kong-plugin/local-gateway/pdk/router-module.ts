import { DEFAULT_WORKSPACE_ID } from '../declarative-config/entities.ts';
import { toTable } from './client-module.ts';
import { authAndLater, inPhases, type PdkModule } from './pdk-function.ts';

/** `kong.router`. Kong's own tables carry the workspace as well. */
export const routerModule: PdkModule = {
  get_route: inPhases(authAndLater, (request) =>
    request.route === undefined ? undefined : toTable({ ...request.route, ws_id: DEFAULT_WORKSPACE_ID }),
  ),
  get_service: inPhases(authAndLater, (request) =>
    request.service === undefined ? undefined : toTable({ ...request.service, ws_id: DEFAULT_WORKSPACE_ID }),
  ),
};
