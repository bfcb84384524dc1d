import type { Transport } from "./transport.ts";

/** A message that a rank sent. */
export interface SentMessage {
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
  readonly label: string;
}

/** A transport that tells of every message that its rank sends. */
export function counted(transport: Transport, onSend: (message: SentMessage) => void): Transport {
  const { name, rank, size } = transport;
  return {
    name,
    rank,
    size,
    send(to, envelope, data) {
      onSend({ from: rank, to, bytes: data.length, label: envelope.label });
      return transport.send(to, envelope, data);
    },
    receive: (from, envelope, into) => transport.receive(from, envelope, into),
    close: () => transport.close(),
  };
}
