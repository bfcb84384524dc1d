import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

/** A button that opens a panel beneath it; Escape, a press outside and leaving it by Tab close it. */
export function Popover(props: {
  readonly label: string;
  readonly button: ComponentChildren;
  readonly class?: string;
  readonly align?: "start" | "end";
  readonly children: (close: () => void) => ComponentChildren;
}) {
  const { label, button, align = "start", children } = props;
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const trigger = useRef<HTMLButtonElement>(null);
  const close = () => setOpen(false);
  // Before the next key arrives: the first letter of a note belongs into its field.
  useLayoutEffect(() => {
    if (!isOpen) return;
    root.current?.querySelector<HTMLElement>(".popover-panel :is(input, button, a, select)")?.focus();
    const outside = (event: Event) => {
      if (!root.current?.contains(event.target as Node)) close();
    };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("focusin", outside);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("focusin", outside);
    };
  }, [isOpen]);
  return (
    <div
      class="popover"
      ref={root}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !isOpen) return;
        event.stopPropagation();
        close();
        trigger.current?.focus();
      }}
    >
      <button
        type="button"
        ref={trigger}
        class={props.class ?? "button"}
        aria-label={label}
        title={label}
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        {button}
      </button>
      {isOpen && (
        <div class={`popover-panel ${align}`} role="group" aria-label={label}>
          {children(close)}
        </div>
      )}
    </div>
  );
}
