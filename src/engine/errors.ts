/** The database cannot be reached, or nobody knows what became of a write. What was asked for may have happened. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
  readonly code = "store-unavailable";
}

/**
 * What is stored was written by a newer program, and this one does not know what it means. It decides nothing about it and
 * gives the work back, so that a newer program takes it.
 */
export class NewerData extends Error {
  override readonly name = "NewerData";
  readonly code = "newer-data";
}

/** The queue cannot be reached. Nothing is lost: the outbox asks again. */
export class QueueUnavailable extends Error {
  override readonly name = "QueueUnavailable";
  readonly code = "queue-unavailable";
}

/** A bundle that is not installed, with the reason. */
export class BundleRefused extends Error {
  override readonly name = "BundleRefused";
}

/** A backup that is not kept or not restored, with the reason. */
export class BackupRefused extends Error {
  override readonly name = "BackupRefused";
}
