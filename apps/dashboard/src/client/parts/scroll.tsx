import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

/**
 * Says of a box that scrolls sideways where it holds more than is in sight, `before`, `after`, or both, as `data-more`: the style sheet
 * fades those edges out, because scroll bars are hidden on many screens.
 */
function useMore<Box extends HTMLElement>(): RefObject<Box | null> {
  const ref = useRef<Box>(null);
  useEffect(() => {
    const box = ref.current!;
    const look = () => {
      const { scrollLeft, scrollWidth, clientWidth } = box;
      const isMore = { before: scrollLeft > 1, after: scrollLeft + clientWidth < scrollWidth - 1 };
      box.dataset.more = Object.entries(isMore)
        .filter(([, is]) => is)
        .map(([where]) => where)
        .join(" ");
    };
    const sizes = new ResizeObserver(look);
    for (const element of [box, ...box.children]) sizes.observe(element);
    box.addEventListener("scroll", look, { passive: true });
    return () => {
      sizes.disconnect();
      box.removeEventListener("scroll", look);
    };
  }, []);
  return ref;
}

/** The same of a row of choices, of which the current one is brought into sight. */
export function useStrip<Box extends HTMLElement>(current: string): RefObject<Box | null> {
  const ref = useMore<Box>();
  useEffect(() => {
    const choice = ref.current?.querySelector('[aria-current], [aria-pressed="true"]');
    choice?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [current]);
  return ref;
}

/** A region that scrolls sideways when it is too wide, by the arrow keys too. */
export function Scroll(props: {
  readonly label: string;
  readonly class?: string;
  readonly children: ComponentChildren;
}) {
  const ref = useMore<HTMLElement>();
  return (
    <section
      ref={ref}
      class={props.class === undefined ? "scroll" : `scroll ${props.class}`}
      aria-label={props.label}
      tabIndex={0}
    >
      {props.children}
    </section>
  );
}
