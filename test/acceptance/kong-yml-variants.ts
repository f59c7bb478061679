import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { kongYmlFile } from '../corpus/kong-yml.ts';

/** A plugin or a route. */
export interface Entry {
  readonly name: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/**
 * The YAML that the comments below "variants" in kong.yml show: first the OAuth plugins and the route of the metadata
 * document, then the plugins with a post-function. Read from the file, so that what is documented is what is tested.
 */
export const documentedVariants = (): {
  readonly oauth: readonly Entry[];
  readonly metadataRoute: Entry;
  readonly postFunction: readonly Entry[];
} => {
  const blocks = yamlBlocks(readFileSync(kongYmlFile, 'utf8'));
  const [oauth, route, postFunction, ...more] = blocks.map((block) => parse(block) as readonly Entry[]);
  const metadataRoute = route?.[0];
  if (oauth === undefined || metadataRoute === undefined || postFunction === undefined || more.length > 0)
    throw new Error(`the comments of kong.yml hold ${blocks.length} blocks of YAML and not 3`);
  return { oauth, metadataRoute, postFunction };
};

/** Runs of comment lines that are indented by three spaces or more, from a `- name:` on. */
const yamlBlocks = (text: string): readonly string[] => {
  const comments = text
    .slice(text.indexOf('- variants'))
    .split('\n')
    .map((line) => line.replace(/^#/, ''));
  const blocks: string[] = [];
  let block: string[] = [];
  for (const line of [...comments, '']) {
    if (/^ {3,}\S/.test(line)) block.push(line);
    else if (block.length > 0) {
      if (/^ +- name:/.test(block[0] ?? '')) blocks.push(block.join('\n'));
      block = [];
    }
  }
  return blocks;
};
