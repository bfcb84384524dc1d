import { labelMap } from "../ood/label-map.ts";

/**
 * Classes of ImageNet that belong to each of the sixteen entry-level categories, as ranges: 207 in all (Geirhos et al. 2018;
 * `helper/human_categories.py` of bethgelab/model-vs-human @79ed7cd, MIT).
 */
const members = {
  airplane: "404",
  bear: "294-297",
  bicycle: "444 671",
  bird: "8 10-16 18-20 22-24 80-83 87-96 98-100 127-133 135-145",
  boat: "472 554 625 814 914",
  bottle: "440 720 737 898-899 901 907",
  car: "436 511 817",
  cat: "281-286",
  chair: "423 559 765 857",
  clock: "409 530 892",
  dog: "152-191 193-203 205-226 228-241 243-250 252-257 259 261-263 265-268",
  elephant: "385-386",
  keyboard: "508 878",
  knife: "499",
  oven: "766",
  truck: "555 569 656 675 717 734 864 867",
};

/** The categories that people choose among in the experiments of model-vs-human, in alphabetical order. */
export const sixteenClasses: readonly string[] = Object.keys(members);

/** How the classes of ImageNet stand for the sixteen categories. */
export const sixteenClassMap = labelMap({
  name: "sixteen categories",
  sourceClasses: 1000,
  classes: sixteenClasses,
  sources: Object.values(members).map((text) =>
    text.split(" ").flatMap((range) => {
      const [first = 0, last = first] = range.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    }),
  ),
});
