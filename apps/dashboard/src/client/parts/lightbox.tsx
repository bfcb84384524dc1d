import { useEffect, useRef } from "preact/hooks";
import { formatPercent } from "../model/format.ts";
import { Icon } from "./icon.tsx";

/** A picture with what is known about it. */
export interface Picture {
  readonly url: string;
  readonly caption: string;
  readonly truth?: string;
  readonly answer?: string;
  readonly confidence?: number;
}

/** Pictures side by side; small ones are enlarged without blurring. */
export function Gallery({
  pictures,
  onOpen,
}: {
  readonly pictures: readonly Picture[];
  readonly onOpen: (index: number) => void;
}) {
  return (
    <ul class="gallery">
      {pictures.map((picture, index) => (
        <li key={picture.url}>
          <button type="button" onClick={() => onOpen(index)}>
            <img src={picture.url} alt={altOf(picture)} loading="lazy" />
            <Caption picture={picture} />
          </button>
        </li>
      ))}
    </ul>
  );
}

/** One picture over the page; the arrows go to its neighbours, Escape closes. */
export function Lightbox(props: {
  readonly pictures: readonly Picture[];
  readonly index: number;
  readonly onChange: (index: number | undefined) => void;
}) {
  const { pictures, index, onChange } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const picture = pictures[index];
  useEffect(() => dialog.current?.showModal(), []);
  if (picture === undefined) return null;
  const turn = (by: number) => onChange((index + by + pictures.length) % pictures.length);
  return (
    <dialog
      ref={dialog}
      class="lightbox"
      aria-label={altOf(picture)}
      onClose={() => onChange(undefined)}
      onClick={(event) => event.target === dialog.current && dialog.current?.close()}
      onKeyDown={(event) => {
        if (event.key === "ArrowLeft") turn(-1);
        else if (event.key === "ArrowRight") turn(1);
      }}
    >
      <img src={picture.url} alt={altOf(picture)} />
      <Caption picture={picture} />
      <div class="lightbox-controls">
        <button type="button" class="icon-button" aria-label="Previous picture" onClick={() => turn(-1)}>
          <Icon name="left" />
        </button>
        <span>
          {index + 1} of {pictures.length}
        </span>
        <button type="button" class="icon-button" aria-label="Next picture" onClick={() => turn(1)}>
          <Icon name="chevron" />
        </button>
        <button type="button" class="icon-button" aria-label="Close" onClick={() => dialog.current?.close()}>
          <Icon name="close" />
        </button>
      </div>
    </dialog>
  );
}

function Caption({ picture: { caption, truth, answer, confidence } }: { readonly picture: Picture }) {
  return (
    <span class="picture-caption">
      {answer !== undefined && (
        <span class={truth !== undefined && truth !== answer ? "answer wrong" : "answer"}>
          {answer}
          {confidence !== undefined && <small> {formatPercent(confidence, 2)}</small>}
        </span>
      )}
      {truth !== undefined && truth !== answer && <span class="truth">is {truth}</span>}
      {caption !== "" && <span>{caption}</span>}
    </span>
  );
}

const altOf = ({ caption, truth, answer }: Picture) =>
  [caption, truth && `truth ${truth}`, answer && `answer ${answer}`].filter(Boolean).join(", ") || "picture";
