import { build } from '../../kong-plugin/build.mjs';

/** Bundles the plugin server once, so that every test runs the file that ships. */
export default async function setup(): Promise<void> {
  await build();
}
