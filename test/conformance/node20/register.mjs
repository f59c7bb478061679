// Both conformance packages import `globSync` from `fs`, which Node 20 does not have, and so do not even load there.
// They use it only in a command that is not run here (tier-check).
import { register } from 'node:module';
import * as fs from 'node:fs';

if (!('globSync' in fs)) register('./hooks.mjs', import.meta.url);
