/**
 * Undefined: all is well; else why nothing is written: the code of the disk's error, or one of these, which are no errors.
 *
 * - `full`: the queue's own bound is reached, and the policy is not to make room
 * - `low_space`: less of the disk is free than the queue has to leave, so it does not grow
 */
export type DiskTrouble = string | undefined;

export const QUEUE_IS_FULL = "full";
export const LOW_SPACE = "low_space";

/** True for an error of the disk, after which nothing is asked of it for a while. */
export function isOfDisk(trouble: DiskTrouble): boolean {
  return trouble !== undefined && trouble !== QUEUE_IS_FULL && trouble !== LOW_SPACE;
}
