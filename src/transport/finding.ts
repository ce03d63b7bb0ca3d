/** Something about a host's SSH that works, but that its admin should know. */
export interface Finding {
  /** The host's name in the inventory. */
  readonly host: string;
  readonly code: 'tcp-forwarding-off' | 'host-key-pinned';
  /** One sentence: what is so. */
  readonly what: string;
  /** One sentence: what to do about it, if anything. */
  readonly next: string;
}
