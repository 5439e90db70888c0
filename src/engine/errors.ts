/** The database cannot be reached, or nobody knows what became of a write. What was asked for may have happened. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
  readonly code = "store-unavailable";
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
