import { expect, it } from "vitest";
import { createBackground } from "./background.ts";

/** Work that is done when it is told to be. */
function gated(log: string[], name: string) {
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const work = async () => {
    log.push(`${name} begins`);
    await gate;
    log.push(`${name} ends`);
  };
  return { work, open };
}

it("lets one piece wait behind another, in order, and has room for a third when the first is done", async () => {
  const log: string[] = [];
  const background = createBackground();
  const [first, second] = [gated(log, "first"), gated(log, "second")];
  background.begin(first.work);
  await background.room();
  background.begin(second.work);
  const room = background.room().then(() => log.push("room"));
  second.open();
  await new Promise(setImmediate);
  expect(log).toEqual(["first begins"]);
  first.open();
  await room;
  await background.settle();
  expect(log.filter((entry) => entry !== "room")).toEqual([
    "first begins",
    "first ends",
    "second begins",
    "second ends",
  ]);
});

it("begins nothing more once a piece has failed, and says why", async () => {
  const log: string[] = [];
  const background = createBackground();
  const broken = gated(log, "broken");
  background.begin(() => broken.work().then(() => Promise.reject(new Error("the disk is gone"))));
  background.begin(async () => void log.push("after"));
  expect(() => background.check()).not.toThrow();
  broken.open();
  await expect(background.settle()).rejects.toThrow("the disk is gone");
  await expect(background.room()).rejects.toThrow("the disk is gone");
  expect(() => background.check()).toThrow("the disk is gone");
  expect(log).toEqual(["broken begins", "broken ends"]);
});
