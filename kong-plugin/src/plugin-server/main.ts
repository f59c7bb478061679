import { createPluginModule } from '../host/plugin-module.ts';
import { createPluginResources } from '../host/plugin-resources.ts';
import { runPluginServer } from './run-plugin-server.ts';

void runPluginServer({
  argv: process.argv.slice(2),
  builtIn: ({ prefix, hasLogPhase, logger }) =>
    createPluginModule(
      createPluginResources({ prefix, log: ({ level, message, ...fields }) => logger[level](message, fields) }),
      { hasLogPhase },
    ),
});
