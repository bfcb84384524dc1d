const tailLength = 14;
/** A shorter name fits wherever names are shown. */
const shortName = 22;

/** A name that is shortened in its middle: names of one sweep differ at their ends. */
export function Name({ text }: { readonly text: string }) {
  if (text.length <= shortName) return <span class="name-parts">{text}</span>;
  const cut = text.length - tailLength;
  return (
    <span class="name-parts">
      <span class="name-head">{text.slice(0, cut)}</span>
      <span>{text.slice(cut)}</span>
    </span>
  );
}
