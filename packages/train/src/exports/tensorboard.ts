import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readRunInfo, runPaths, stepOfFileName } from "../runs/info.ts";
import { type OnDamage, readEvents, readMetrics } from "../runs/rows.ts";
import { crc32c } from "./crc32c.ts";
import { encodeEvent, type SummaryValue, type TensorBoardEvent, textValue } from "./tensorboard-schema.ts";

/**
 * A run as a TensorBoard event file: every metric as a scalar under its name, pictures, and the configuration and events as text.
 *
 * The format is a TFRecord of Event messages: for each, its length (8 bytes, little-endian), a masked CRC of the length, the message, and
 * a masked CRC of the message.
 */
export function tensorBoardFile(folder: string, onDamage?: OnDamage): Uint8Array {
  return Buffer.concat([...eventsOf(folder, onDamage)].map((event) => record(encodeEvent(event))));
}

/** A name that TensorBoard takes for an event file, the same for the same run. */
export function tensorBoardFileName(folder: string): string {
  const { started, name } = readRunInfo(folder);
  return `events.out.tfevents.${Math.floor(Date.parse(started) / 1000)}.${name}`;
}

function* eventsOf(folder: string, onDamage?: OnDamage): Generator<TensorBoardEvent> {
  const { started, config } = readRunInfo(folder);
  const begun = Date.parse(started) / 1000;
  const event = (wallTime: number, step: number, ...value: SummaryValue[]) => ({ wallTime, step, summary: { value } });
  yield { wallTime: begun, fileVersion: "brain.Event:2" };
  yield event(begun, 0, textValue("run/config", `    ${JSON.stringify(config, null, 2).replaceAll("\n", "\n    ")}`));
  for (const { step, time, kind, text } of readEvents(folder, onDamage)) {
    yield event(time, step, textValue("run/events", `**${kind}** ${text}`));
  }
  for (const { step, time, metrics } of readMetrics(folder, onDamage)) {
    yield event(time, step, ...Object.entries(metrics).map(([tag, simpleValue]) => ({ tag, simpleValue })));
  }
  for (const { name, step, png } of pictures(runPaths(folder).media, onDamage))
    yield event(begun, step, imageValue(name, png));
}

function* pictures(folder: string, onDamage?: OnDamage): Generator<{ name: string; step: number; png: Buffer }> {
  if (!existsSync(folder)) return;
  for (const file of readdirSync(folder).sort()) {
    const step = stepOfFileName(file);
    if (step === undefined || !file.endsWith(".png")) continue;
    const path = join(folder, file);
    const png = readFileSync(path);
    if (png.subarray(0, 8).equals(pngSignature) && png.length > headerEnd) {
      yield { name: `media/${file.replace(/-\d+\.png$/, "")}`, step, png };
    } else if (onDamage) onDamage(`${path} is damaged: it is no picture of the format PNG`);
    else throw new Error(`${path} is damaged: it is no picture of the format PNG; remove it`);
  }
}

const pngSignature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");

/** Where the first chunk of a PNG ends. */
const headerEnd = 33;

/** Width and height stand at bytes 16 and 20 of every PNG, in its first chunk; the kind of its colours at 25, 0 for grey. */
function imageValue(tag: string, png: Buffer): SummaryValue {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const colorspace = png.readUInt8(25) === 0 ? 1 : 3;
  return { tag, image: { height, width, colorspace, encodedImageString: png } };
}

function record(message: Uint8Array): Buffer {
  const header = Buffer.alloc(12);
  header.writeBigUInt64LE(BigInt(message.length));
  header.writeUInt32LE(maskedCrc(header.subarray(0, 8)), 8);
  const footer = Buffer.alloc(4);
  footer.writeUInt32LE(maskedCrc(message));
  return Buffer.concat([header, message, footer]);
}

/** TFRecord's mask, so that a CRC of data that hold CRCs is not one of them: rotated right by 15 bits, plus a constant. */
function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
