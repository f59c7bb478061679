/* eslint-disable @typescript-eslint/consistent-type-imports -- `import` statements of relative modules do not work in ambient declarations */

/** The parts of kong-pdk 0.6.0 (plain JavaScript without declarations) that the launcher stands on. */

declare module 'kong-pdk/lib/mod.js' {
  export class Instance {
    /** Despite its name: the object made from the plugin's class. */
    readonly cls: import('./plugin-contract.ts').PluginObject;
    readonly name: string;
    close(): void;
    executePhase(phase: string, kong: unknown): unknown;
    getName(): string;
    getConfig(): unknown;
    getStartTime(): number;
    resetExpireTs(): unknown;
  }

  export class Module {
    constructor(name: string, path: string | undefined, literal?: import('./plugin-contract.ts').PluginModule);
    readonly mod: import('./plugin-contract.ts').PluginModule;
    readonly name: string;
    new(config: unknown): Instance;
    getPhases(): readonly string[];
    getSchema(): readonly object[];
    getMTime(): number;
    getLoadTime(): number;
    getLastStartInstanceTime(): number;
    getLastCloseInstanceTime(): number;
  }

  const exported: { readonly Module: typeof Module; readonly Instance: typeof Instance };
  export default exported;
}

declare module 'kong-pdk/server.js' {
  import type { Instance, Module } from 'kong-pdk/lib/mod.js';

  export interface PluginServerLogger {
    debug(message: string): void;
    info(message: string): void;
    warn(message: string): void;
    error(message: string): void;
  }

  export default class Server {
    constructor(pluginDirectory: string | undefined, logger: PluginServerLogger);
    protected readonly plugins: Map<string, Module>;
    protected readonly instances: Map<number, Instance>;
    protected instanceID: number;
    /** Stops the expiry timer; nothing else. */
    close(): void;
    getPlugins(): Map<string, Module>;
    GetPluginInfo(name: unknown): Promise<object>;
    GetStatus(): Promise<object>;
    StartInstance(request: unknown): Promise<object>;
    InstanceStatus(instanceId: unknown): Promise<object>;
    CloseInstance(instanceId: unknown): Promise<object>;
    HandleEvent(request: unknown): Promise<object>;
    step(data: unknown, isError: boolean): Promise<object>;
  }
}
