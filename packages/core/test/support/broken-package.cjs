// Stands for a koffi without the native library of this platform.
throw new Error("Cannot find the native module");
