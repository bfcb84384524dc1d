/**
 * What a person should see of a result, as docs/dashboard.md specifies it for evaluation files. Where there is no value (a class that was
 * never answered, a group without positives) a number is NaN, which files hold as null.
 */
export type ResultView =
  | ShapeBiasView
  | ConditionsView
  | ReliabilityView
  | TradeOffView
  | SubgroupsView
  | ConfusionView
  | HeatView
  | ImagesView;

/** What every view has. */
export interface ViewHead {
  readonly title: string;
  /** What a reader must know, in a sentence. */
  readonly note?: string;
}

/** Values of whoever answered: the model, another model, humans. */
export interface ViewObserver {
  readonly name: string;
  readonly values: readonly number[];
  /** Interval of each value. */
  readonly low?: readonly number[];
  readonly high?: readonly number[];
}

/** Shares of decisions by shape, in 0 to 1, one a category. */
export interface ShapeBiasView extends ViewHead {
  readonly kind: "shape-bias";
  readonly categories: readonly string[];
  readonly observers: readonly (ViewObserver & { readonly overall: number })[];
}

/** A measure over conditions, in their order. */
export interface ConditionsView extends ViewHead {
  readonly kind: "conditions";
  readonly conditions: readonly string[];
  /** Labels of the axes. */
  readonly x: string;
  readonly y: string;
  readonly observers: readonly ViewObserver[];
}

/** Accuracy over confidence. */
export interface ReliabilityView extends ViewHead {
  readonly kind: "reliability";
  readonly bins: readonly {
    readonly low: number;
    readonly high: number;
    readonly count: number;
    readonly confidence: number;
    readonly accuracy: number;
  }[];
  /** The expected calibration error. */
  readonly error: number;
}

/** Points joined in order, such as accuracy over parity. */
export interface TradeOffView extends ViewHead {
  readonly kind: "trade-off";
  readonly x: string;
  readonly y: string;
  readonly series: readonly {
    readonly name: string;
    readonly points: readonly { readonly x: number; readonly y: number; readonly label?: string }[];
  }[];
}

/** Measures by group. */
export interface SubgroupsView extends ViewHead {
  readonly kind: "subgroups";
  readonly groups: readonly string[];
  readonly sizes: readonly number[];
  readonly measures: readonly {
    readonly name: string;
    /** One a group. */
    readonly values: readonly number[];
    /** How far groups are apart. */
    readonly gap?: number;
    /** Which value is the worst: the least where nothing else is said. */
    readonly worst?: "least" | "greatest" | "none";
  }[];
}

/** How often each class was answered as each. */
export interface ConfusionView extends ViewHead {
  readonly kind: "confusion";
  readonly classes: readonly string[];
  /** Rows are true classes, columns answers. */
  readonly counts: readonly (readonly number[])[];
  /** Images of cells by `TRUE,ANSWER`. */
  readonly examples?: Readonly<Record<string, readonly ViewImage[]>>;
}

/** A number for each row and column. */
export interface HeatView extends ViewHead {
  readonly kind: "heat";
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** A list a row. */
  readonly values: readonly (readonly number[])[];
  readonly unit?: string;
}

/** A gallery. */
export interface ImagesView extends ViewHead {
  readonly kind: "images";
  readonly images: readonly ViewImage[];
}

/** A picture below the run's folder; truth and answer are names of classes. */
export interface ViewImage {
  readonly path: string;
  readonly caption?: string;
  readonly truth?: string;
  readonly answer?: string;
  /** In 0 to 1. */
  readonly confidence?: number;
}
