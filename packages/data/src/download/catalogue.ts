/** A file to fetch: where, and what its bytes must hash to. */
export interface RemoteFile {
  readonly name: string;
  readonly sha256: string;
}

/** A data set that can be fetched. */
export interface RemoteDataset {
  /** Folder of the files at their publisher; ends with a slash. */
  readonly baseUrl: string;
  readonly files: readonly RemoteFile[];
  /** Folder that each archive unpacks to; not given for files that stay as they are. */
  readonly unpacksTo?: string;
  /** Who made it, to be cited. */
  readonly credit: string;
}

/**
 * Data sets with their publishers' addresses. Checksums as TensorFlow Datasets records them (`url_infos`), found alike in
 * several other libraries. MNIST's own site has stopped serving it; the address is the copy that TensorFlow uses.
 */
export const remoteDatasets = {
  cifar10: {
    baseUrl: "https://www.cs.toronto.edu/~kriz/",
    files: [
      {
        name: "cifar-10-binary.tar.gz",
        sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
      },
    ],
    unpacksTo: "cifar-10-batches-bin",
    credit: "Krizhevsky 2009, Learning multiple layers of features from tiny images",
  },
  cifar100: {
    baseUrl: "https://www.cs.toronto.edu/~kriz/",
    files: [
      {
        name: "cifar-100-binary.tar.gz",
        sha256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
      },
    ],
    unpacksTo: "cifar-100-binary",
    credit: "Krizhevsky 2009, Learning multiple layers of features from tiny images",
  },
  mnist: {
    baseUrl: "https://storage.googleapis.com/cvdf-datasets/mnist/",
    files: [
      {
        name: "train-images-idx3-ubyte.gz",
        sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
      },
      {
        name: "train-labels-idx1-ubyte.gz",
        sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
      },
      {
        name: "t10k-images-idx3-ubyte.gz",
        sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
      },
      {
        name: "t10k-labels-idx1-ubyte.gz",
        sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
      },
    ],
    credit: "LeCun, Cortes, Burges, The MNIST database of handwritten digits",
  },
} as const satisfies Record<string, RemoteDataset>;

/** The name of the data set that fetching leaves one of these files of, whatever folder they are looked for in; undefined where none does. */
export function datasetWith(paths: readonly string[]): keyof typeof remoteDatasets | undefined {
  const parts = new Set(paths.flatMap((path) => path.split(/[\\/]/)));
  const isIts = ({ files, unpacksTo }: RemoteDataset) =>
    unpacksTo === undefined ? files.some(({ name }) => parts.has(name)) : parts.has(unpacksTo);
  const found = Object.entries<RemoteDataset>(remoteDatasets).find(([, dataset]) => isIts(dataset));
  return found?.[0] as keyof typeof remoteDatasets | undefined;
}
