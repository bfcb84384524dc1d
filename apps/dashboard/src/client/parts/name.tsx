const tailLength = 14;

/** A name that is shortened in its middle: names of one sweep differ at their ends. */
export function Name({ text }: { readonly text: string }) {
  const cut = Math.max(0, text.length - tailLength);
  return (
    <span class="name-parts">
      <span class="name-head">{text.slice(0, cut)}</span>
      <span>{text.slice(cut)}</span>
    </span>
  );
}
