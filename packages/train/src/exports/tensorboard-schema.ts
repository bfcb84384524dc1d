import protobuf from "protobufjs/light.js";

/*
 * What of TensorFlow's event.proto, summary.proto and tensor.proto an export writes; numbers and names are theirs, in camel case.
 */
const schema = protobuf.Root.fromJSON({
  nested: {
    Event: {
      fields: {
        wallTime: { type: "double", id: 1 },
        step: { type: "int64", id: 2 },
        fileVersion: { type: "string", id: 3 },
        summary: { type: "Summary", id: 5 },
      },
    },
    Summary: { fields: { value: { rule: "repeated", type: "SummaryValue", id: 1 } } },
    SummaryValue: {
      fields: {
        tag: { type: "string", id: 1 },
        simpleValue: { type: "float", id: 2 },
        image: { type: "SummaryImage", id: 4 },
        tensor: { type: "TensorProto", id: 8 },
        metadata: { type: "SummaryMetadata", id: 9 },
      },
      // Outside of a oneof a number that is 0 would be left out, and the point with it.
      oneofs: { value: { oneof: ["simpleValue", "image", "tensor"] } },
    },
    SummaryImage: {
      fields: {
        height: { type: "int32", id: 1 },
        width: { type: "int32", id: 2 },
        colorspace: { type: "int32", id: 3 },
        encodedImageString: { type: "bytes", id: 4 },
      },
    },
    SummaryMetadata: { fields: { pluginData: { type: "PluginData", id: 1 } } },
    PluginData: { fields: { pluginName: { type: "string", id: 1 } } },
    TensorProto: {
      fields: {
        dtype: { type: "int32", id: 1 },
        tensorShape: { type: "TensorShape", id: 2 },
        stringVal: { rule: "repeated", type: "bytes", id: 8 },
      },
    },
    TensorShape: { fields: { dim: { rule: "repeated", type: "Dimension", id: 2 } } },
    Dimension: { fields: { size: { type: "int64", id: 1 } } },
  },
});

/** A value with its name, as TensorBoard shows it: a number, a picture, or text. */
export type SummaryValue =
  | { readonly tag: string; readonly simpleValue: number }
  | { readonly tag: string; readonly image: SummaryImage }
  | { readonly tag: string; readonly tensor: object; readonly metadata: object };

/** A picture as an encoded file. */
export interface SummaryImage {
  readonly height: number;
  readonly width: number;
  /** 1 grey, 3 RGB. */
  readonly colorspace: number;
  readonly encodedImageString: Uint8Array;
}

/** An event: what was measured at a step, or, first in a file, the version of the format. */
export type TensorBoardEvent =
  | { readonly wallTime: number; readonly fileVersion: string }
  | { readonly wallTime: number; readonly step: number; readonly summary: { readonly value: readonly SummaryValue[] } };

/** An event as bytes. */
export function encodeEvent(event: TensorBoardEvent): Uint8Array {
  const type = schema.lookupType("Event");
  return type.encode(type.fromObject(event)).finish();
}

/** Type number of strings in TensorFlow. */
const dtString = 7;

/** A text, shown as Markdown by TensorBoard's text tab. */
export function textValue(tag: string, markdown: string): SummaryValue {
  return {
    tag,
    tensor: { dtype: dtString, tensorShape: { dim: [{ size: 1 }] }, stringVal: [Buffer.from(markdown)] },
    metadata: { pluginData: { pluginName: "text" } },
  };
}
