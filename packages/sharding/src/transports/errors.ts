/** Two ranks met in one message, but each was at another place of its program: another operation, shape, or order. */
export class MismatchError extends Error {
  override readonly name = "MismatchError";

  constructor(
    readonly receiver: number,
    readonly sender: number,
    expected: string,
    given: string,
  ) {
    super(
      `ranks ${receiver} and ${sender} do not do the same: rank ${receiver} expects "${expected}", but rank ${sender} ` +
        `sends "${given}". Every rank must call the same collectives in the same order with matching shapes`,
    );
  }
}

/** A rank is gone: it failed, was killed, or left while others wait for it. */
export class RankLostError extends Error {
  override readonly name = "RankLostError";
  /** Who was lost first: one that others wait for may have ended because it waited itself. */
  readonly rank: number;

  /**
   * @param waitedFor the rank that was to send or to receive
   * @param reason why it is gone, as it said or as was found out
   */
  constructor(waitedFor: number, reason: string) {
    const [, first, why] = /.*\brank (\d+) is lost: (.*)$/s.exec(reason) ?? [];
    super(
      first === undefined
        ? `rank ${waitedFor} is lost: ${reason}`
        : `rank ${first} is lost: ${why}; rank ${waitedFor} ended because of that`,
    );
    this.rank = Number(first ?? waitedFor);
  }
}

/** A rank did not send within the time that the others are willing to wait. */
export class LateError extends Error {
  override readonly name = "LateError";

  /** @param instead messages that have come meanwhile, which this rank has not asked for */
  constructor(
    readonly rank: number,
    readonly sender: number,
    label: string,
    milliseconds: number,
    instead: readonly string[] = [],
  ) {
    const meanwhile = instead.length > 0 ? `. What has come instead: ${instead.join(", ")}` : "";
    super(
      `rank ${rank} waited ${milliseconds / 1000} s for rank ${sender} in "${label}". Rank ${sender} is stuck, much slower, ` +
        `or takes another way through its program; a longer patience is an option of the transport${meanwhile}`,
    );
  }
}
