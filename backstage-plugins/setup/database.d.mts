export interface RunningDatabase {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts PostgreSQL on this machine with its data in the folder; a forgetful one does not wait for the disk. */
export function startDatabase(folder: string, options?: { readonly forgetful?: boolean }): Promise<RunningDatabase>;
