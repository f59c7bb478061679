/** Bundles `dist/mcp-governance-pluginserver.cjs`. Rejects with esbuild's own error when a source does not compile. */
export declare function build(): Promise<void>;
