/** A verdict: a mark whose shape says it without colour, and the word. */
export function Verdict({ verdict }: { readonly verdict: string }) {
  return (
    <span class={`verdict ${verdict.replaceAll(" ", "-")}`}>
      <span class="verdict-mark" aria-hidden="true" />
      {verdict}
    </span>
  );
}
