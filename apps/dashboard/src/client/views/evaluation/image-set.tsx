import type { EvaluationImage } from "../../../shared/evaluation.ts";
import { address, go } from "../../model/address.ts";
import { pictureUrl } from "../../model/server.ts";
import { Gallery, Lightbox } from "../../parts/lightbox.tsx";

/** Pictures that an evaluation points to; the address holds which one is open. */
export function ImageSet({ images, run }: { readonly images: readonly EvaluationImage[]; readonly run: string }) {
  const pictures = images.map(({ path, ...about }) => ({ ...about, url: pictureUrl(run, path) }));
  const open = images.findIndex(({ path }) => path === address.value.detail);
  return (
    <>
      <Gallery pictures={pictures} onOpen={(index) => go({ detail: images[index]!.path })} />
      {open >= 0 && (
        <Lightbox
          pictures={pictures}
          index={open}
          onChange={(index) => go({ detail: index === undefined ? "" : images[index]!.path })}
        />
      )}
    </>
  );
}
