/**
 * Remembers who started a task, so that nobody else reads its result. The owner is an `ownerKey`; the task id is the
 * server's, and means nothing without the server's name.
 *
 * Contract (`task-owners.contract.ts` proves it for every implementation):
 * - `claim` is first come, first served and atomic: of any number of claims for one task, on any node, one owner wins
 *   and every claim answers with it. Claiming again changes nothing.
 * - `ownerOf` answers undefined for a task that nobody claimed or that was forgotten; the judge refuses such a task.
 * - Implementations are bounded and may forget a task that was not used for their time to live (a day or longer), the
 *   least recently used first. They never answer with another task's owner.
 * - A rejected promise means that the store is away: the caller refuses.
 */
export interface TaskOwners {
  ownerOf(server: string, taskId: string): Promise<string | undefined>;
  /** The owner after the claim, which is not the claimant when another was first. */
  claim(server: string, taskId: string, owner: string): Promise<string>;
}
