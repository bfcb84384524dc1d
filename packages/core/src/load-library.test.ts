import { expect, it } from "vitest";
import { ortApi } from "./engines/onnx/c-api.ts";
import { loadNativeLibrary } from "./load-library.ts";

it("leaves room for ONNX Runtime, whichever library is loaded first", () => {
  expect(loadNativeLibrary(null).func("int abs(int)")(-3)).toBe(3);
  expect(() => ortApi()).not.toThrow();
});
