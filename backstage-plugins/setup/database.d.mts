export interface RunningDatabase {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts PostgreSQL on this machine with its data in the folder. */
export function startDatabase(folder: string): Promise<RunningDatabase>;
