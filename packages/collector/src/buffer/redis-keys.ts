/** Keys of one shard: the braces keep them on one node of a cluster. */
export const redisKeys = (shard: number) => {
  const prefix = `lintel:{${shard}}:`;
  const seen = Buffer.from(`l{${shard}}`);
  return {
    queue: `${prefix}queue`,
    ledger: `${prefix}ledger`,
    manifest: `${prefix}manifest`,
    committed: `${prefix}committed`,
    lease: `${prefix}lease`,
    fence: `${prefix}fence`,
    batch: `${prefix}batch`,
    /** Highest id that a spool may hold too. */
    doubt: `${prefix}doubt`,
    /** Host → `<ms of its last beat> <state>`. */
    hosts: `${prefix}hosts`,
    /** Host whose spool may be drained. */
    turn: `${prefix}turn`,
    /** Duplicate bits of one page; there are many, so the name is short. */
    seen: (page: Buffer): Buffer => Buffer.concat([seen, page]),
  };
};
