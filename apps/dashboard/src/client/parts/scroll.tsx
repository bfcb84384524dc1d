import type { ComponentChildren } from "preact";

/** A region that scrolls sideways when it is too wide, by the arrow keys too. */
export function Scroll(props: {
  readonly label: string;
  readonly class?: string;
  readonly children: ComponentChildren;
}) {
  return (
    <section
      class={props.class === undefined ? "scroll" : `scroll ${props.class}`}
      aria-label={props.label}
      tabIndex={0}
    >
      {props.children}
    </section>
  );
}
