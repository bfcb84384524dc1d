import { clipPaperTemplates } from "./prompt-templates.ts";

/** Options of {@link classPrompts}. */
export interface PromptOptions {
  /** Texts with `{}` where the class name goes; those of the CLIP paper by default. */
  readonly templates?: readonly string[];
  /** Whether names and templates are reduced to lower-case words, as the text towers of LiT were trained. True by default. */
  readonly canonical?: boolean;
}

/**
 * The prompts of every class: [classes][templates]. Of a name with synonyms, as in WordNet, the part before the first comma counts.
 *
 * As `prompt_engineering.py` of big_vision.
 *
 * @throws RangeError for a template without `{}` and a class without a name, naming it
 */
export function classPrompts(
  classNames: readonly string[],
  { templates = clipPaperTemplates, canonical = true }: PromptOptions = {},
): string[][] {
  const broken = templates.find((template) => !template.includes("{}"));
  if (broken !== undefined)
    throw new RangeError(`the template "${broken}" has no {}; write {} where the class name goes`);
  const plain = (text: string, keep: string) => (canonical ? canonicalText(text, keep) : text);
  const ready = templates.map((template) => plain(template, "{}"));
  return classNames.map((given, label) => {
    const [name = ""] = plain(given, ",").split(",");
    if (name.trim() === "") throw new RangeError(`class ${label} has the name "${given}"; give each class a name`);
    return ready.map((template) => template.replaceAll("{}", name.trim()));
  });
}

/**
 * A text in lower case, without punctuation but for one string, with single spaces.
 *
 * @param keep the string whose punctuation stays, such as `{}`; none by default
 */
export function canonicalText(text: string, keep = ""): string {
  const parts = text.replaceAll("_", " ").split(keep === "" ? /$^/ : keep);
  return parts
    .map((part) => part.replace(/[!-/:-@[-`{-~]/g, ""))
    .join(keep)
    .toLowerCase()
    .replace(/\s+/g, " ")
    .trim();
}
