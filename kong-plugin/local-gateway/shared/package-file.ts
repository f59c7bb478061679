import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of this package, whether this code runs from its source or from a bundle in `dist/`. */
export const packageFile = (name: string): string => {
  const start = path.dirname(fileURLToPath(import.meta.url));
  for (let directory = start; ; directory = path.dirname(directory)) {
    if (existsSync(path.join(directory, 'local-gateway', 'plugins', 'function-plugin.lua')))
      return path.join(directory, name);
    if (directory === path.dirname(directory)) return path.resolve(start, '..', name);
  }
};
