import { type AcceptedClasses, acceptLists } from "./accepted.ts";

/** Images of ImageNet's validation set. */
const validationImages = 50_000;

/**
 * The labels of ImageNet-ReaL: list i holds what is right for ILSVRC2012_val_{i + 1}, sorted by file name. Images of an empty list
 * do not count: 46,837 of the 50,000 do.
 *
 * Beyer et al., "Are we done with ImageNet?", 2020. The file is `real.json` of google-research/reassessed-imagenet.
 *
 * @param text the file
 * @param name of the file, for messages
 * @throws RangeError for anything but 50,000 lists of ImageNet classes, naming the row
 */
export function parseRealLabels(text: string, name = "the file of the labels of ImageNet-ReaL"): AcceptedClasses {
  let lists: unknown;
  try {
    lists = JSON.parse(text);
  } catch (cause) {
    throw new RangeError(`${name} is no JSON (${(cause as Error).message}); give real.json, a list of 50,000 lists`, {
      cause,
    });
  }
  if (!Array.isArray(lists) || lists.length !== validationImages) {
    const given = Array.isArray(lists) ? `${lists.length} lists` : typeof lists;
    throw new RangeError(`${name} holds ${given}; give real.json, a list of 50,000 lists`);
  }
  const isClass = (value: unknown) => Number.isInteger(value) && (value as number) >= 0 && (value as number) < 1000;
  const broken = lists.findIndex((list) => !Array.isArray(list) || !list.every(isClass));
  if (broken >= 0) {
    throw new RangeError(
      `row ${broken} of ${name} is ${JSON.stringify(lists[broken])}; give lists of classes 0 to 999`,
    );
  }
  return acceptLists(lists as number[][]);
}
