/** Bundles `dist/mcp-governance-pluginserver.cjs`. Rejects with esbuild's own error when a source does not compile. */
export declare function build(): Promise<void>;
/** Builds the plugin server and the demo; gives the path of the demo's entry. */
export declare function buildDemo(): Promise<string>;
/** Builds the benchmark; gives its path. */
export declare function buildBench(): Promise<string>;
/** Builds the two demo servers; gives the path of their entry. */
export declare function buildDemoServers(): Promise<string>;
