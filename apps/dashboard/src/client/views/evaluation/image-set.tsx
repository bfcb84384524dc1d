import type { EvaluationImage } from "../../../shared/evaluation.ts";
import { address, go } from "../../model/address.ts";
import { pictureUrl } from "../../model/server.ts";
import { Gallery, Lightbox } from "../../parts/lightbox.tsx";

/** Pictures that an evaluation points to; the address holds which one is open. */
export function ImageSet(props: {
  /** Tells this set from others that hold the same picture; the address keeps it when the picture is closed. */
  readonly name: string;
  readonly images: readonly EvaluationImage[];
  readonly run: string;
}) {
  const { name, images, run } = props;
  const linkOf = (path: string) => `${name}: ${path}`;
  const pictures = images.map(({ path, ...about }) => ({ ...about, url: pictureUrl(run, path) }));
  const open = images.findIndex(({ path }) => linkOf(path) === address.value.detail);
  return (
    <>
      <Gallery pictures={pictures} onOpen={(index) => go({ detail: linkOf(images[index]!.path) })} />
      {open >= 0 && (
        <Lightbox
          pictures={pictures}
          index={open}
          onChange={(index) => go({ detail: index === undefined ? name : linkOf(images[index]!.path) })}
        />
      )}
    </>
  );
}
