import { didYouMean } from "@vitscale/core";
import { identityMap, type LabelMap, labelMap } from "../ood/label-map.ts";
import { sixteenClasses } from "./sixteen-classes.ts";

/** What stands for the map of a model whose sixteen classes are the categories themselves, in alphabetical order. */
export const ownCategories = "sixteen";

/** The map of {@link ownCategories}. */
export const ownCategoriesMap = identityMap(sixteenClasses, "the sixteen categories themselves");

/**
 * A label map from a model's classes to categories that people choose among, in the order of the alphabet. It may leave categories out
 * that the model does not know.
 *
 * @throws RangeError for a class that is none of the sixteen categories, naming the nearest
 */
export function categoryMap(map: LabelMap): LabelMap {
  const stranger = map.classes.find((name) => !sixteenClasses.includes(name));
  if (stranger !== undefined) {
    throw new RangeError(
      `label map ${map.name} leads to "${stranger}"${didYouMean(stranger, sixteenClasses)}; it must lead to some of the sixteen ` +
        `categories ${sixteenClasses.join(", ")}`,
    );
  }
  const classes = sixteenClasses.filter((name) => map.classes.includes(name));
  return labelMap({ ...map, classes, sources: classes.map((name) => map.sources[map.classes.indexOf(name)]!) });
}
