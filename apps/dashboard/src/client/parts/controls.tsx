import type { ComponentChildren } from "preact";
import { Icon } from "./icon.tsx";
import { useStrip } from "./scroll.tsx";

/** A choice among few, all visible. */
export function Segments<Value extends string>(props: {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly { readonly value: Value; readonly text: string }[];
  readonly onChange: (value: Value) => void;
}) {
  const { label, value, options, onChange } = props;
  return (
    <fieldset class="segments" aria-label={label} ref={useStrip<HTMLFieldSetElement>(value)}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
        >
          {option.text}
        </button>
      ))}
    </fieldset>
  );
}

/** A switch that is on or off. */
export function Toggle(props: {
  readonly text: string;
  readonly value: boolean;
  readonly onChange: (value: boolean) => void;
}) {
  return (
    <button type="button" class="toggle" aria-pressed={props.value} onClick={() => props.onChange(!props.value)}>
      {props.text}
    </button>
  );
}

/** A choice among many. */
export function Select(props: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly children: ComponentChildren;
}) {
  return (
    <label class="select">
      <span>{props.label}</span>
      <select value={props.value} onChange={(event) => props.onChange(event.currentTarget.value)}>
        {props.children}
      </select>
    </label>
  );
}

/** A field to search in. */
export function Search(props: {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly id?: string;
  readonly onInput: (value: string) => void;
}) {
  return (
    <label class="search">
      <Icon name="search" />
      <input
        type="search"
        aria-label={props.label}
        placeholder={props.placeholder}
        value={props.value}
        spellcheck={false}
        autocomplete="off"
        {...(props.id !== undefined && { id: props.id })}
        onInput={(event) => props.onInput(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
    </label>
  );
}

/** What stands where there is nothing yet. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children && <p>{children}</p>}
    </div>
  );
}

/** Sentences about what is damaged or odd. */
export function Problems({ problems }: { readonly problems: readonly string[] }) {
  if (problems.length === 0) return null;
  return (
    <ul class="problems" aria-label="Problems">
      {problems.map((problem) => (
        <li key={problem}>
          <Icon name="warning" />
          <span>{problem}</span>
        </li>
      ))}
    </ul>
  );
}

/** That something is being read, after a moment: what comes at once needs no notice. */
export function Waiting({ text }: { readonly text: string }) {
  return (
    <p class="waiting-text" role="status">
      {text}…
    </p>
  );
}
