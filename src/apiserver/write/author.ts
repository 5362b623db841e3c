/** Who writes: what managedFields tell of it, and which stages it goes through. */
export interface Author {
  manager: string;
  /** The subresource it goes through, where that is not the context's. */
  subresource?: string;
  /** Set by server-side apply, which has done its own bookkeeping. */
  tracked?: boolean;
  /** Policies and webhooks have been asked, or have no say. */
  isAdmitted?: boolean;
  /** The pump's writes are trusted: they are not validated. */
  trusted?: boolean;
}
