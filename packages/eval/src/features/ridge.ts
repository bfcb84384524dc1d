import { checkFeatures, type Features } from "./features.ts";
import { gramOfRows, product, solveRidge, transposed } from "./matrices.ts";
import { featureStatistics, type LinearClassifier, standardized } from "./standardize.ts";

/** The value of the constant feature: so large that the penalty hardly acts on the bias. */
const biasFeature = 100;

/**
 * Ridge regression of classes on features as big_vision's `fewshot_lsr` does it: features standardised by their own mean and
 * deviation, a constant feature of 100, targets 2·onehot − 1, W = (XᵀX + l2 I)⁻¹ XᵀY; through the dual (XXᵀ + l2 I)⁻¹ where there
 * are fewer images than features. In double precision; the products of all images are computed once for all penalties.
 *
 * @param l2 penalties above 0
 * @returns a classifier for each penalty
 * @throws RangeError for broken features, naming the row, and penalties that are not above 0
 */
export function ridgeClassifiers(train: Features, l2: readonly number[]): LinearClassifier[] {
  const { rows, width } = checkFeatures(train, "training features");
  const wrong = l2.find((penalty) => !(penalty > 0));
  if (wrong !== undefined) throw new RangeError(`l2 is ${wrong}; give penalties above 0, 1024 for instance`);
  const { classes, labels } = train;
  const statistics = featureStatistics(train.vectors);
  const columns = width + 1;
  const x = standardized(train.vectors, statistics, biasFeature);
  const xTransposed = transposed(x, rows, columns);
  const targets = new Float64Array(rows * classes).fill(-1);
  for (let row = 0; row < rows; row++) targets[row * classes + labels[row]!] = 1;

  const isPrimal = rows >= columns;
  const gram = isPrimal ? gramOfRows(xTransposed, columns, rows) : gramOfRows(x, rows, columns);
  const right = isPrimal ? product(xTransposed, targets, columns, rows, classes) : targets;
  return l2.map((penalty) => {
    const solution = solveRidge(gram, penalty, right, isPrimal ? columns : rows);
    const weights = isPrimal ? solution : product(xTransposed, solution, columns, rows, classes);
    const kernel = weights.subarray(0, width * classes);
    const bias = weights.subarray(width * classes).map((weight) => biasFeature * weight);
    return { kernel, bias, statistics };
  });
}
