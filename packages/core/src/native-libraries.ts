// For packages that call native libraries, some of them in threads that do without TensorFlow.js.
export { koffi } from "./load-koffi.ts";
export { loadNativeLibrary, type NativeLibrary } from "./load-library.ts";
