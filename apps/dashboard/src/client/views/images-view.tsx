import type { MediaFile } from "../../shared/api.ts";
import { address, go } from "../model/address.ts";
import { focused } from "../model/selection.ts";
import { pictureUrl } from "../model/server.ts";
import { useDetail } from "../model/use-detail.ts";
import { Empty, Problems } from "../parts/controls.tsx";
import { Gallery, Lightbox, type Picture } from "../parts/lightbox.tsx";
import { NoRun } from "../parts/nothing-chosen.tsx";
import { RunHead } from "./run-head.tsx";

/** Pictures of one run by name, with a slider over the steps at which they were taken. */
export function ImagesView() {
  const run = focused.value;
  const { value: detail, error } = useDetail(run);
  if (run === undefined) return <NoRun />;
  // Plots of evaluations are shown with these.
  const media = (detail?.media ?? []).filter(({ path }) => path.startsWith("media/"));
  const steps = [...new Set(media.flatMap(({ step }) => step ?? []))].sort((a, b) => a - b);
  const wanted = address.value.step ?? steps.at(-1) ?? 0;
  const shown = nearestOfEach(media, wanted);
  const pictures = shown.map(
    ({ path, name, step }): Picture => ({
      url: pictureUrl(run.id, path),
      caption: step === null ? name : `${name}, step ${step}`,
    }),
  );
  const open = shown.findIndex(({ path }) => path === address.value.detail);
  return (
    <>
      <RunHead run={run}>
        {steps.length > 1 && (
          <label class="slider wide">
            <span>Step</span>
            <input
              type="range"
              min="0"
              max={steps.length - 1}
              value={Math.max(
                0,
                steps.findLastIndex((step) => step <= wanted),
              )}
              onInput={(event) => go({ step: steps[Number(event.currentTarget.value)] ?? null, detail: "" })}
            />
            <output>{wanted}</output>
          </label>
        )}
      </RunHead>
      <Problems problems={error === undefined ? [] : [error]} />
      {detail !== undefined && media.length === 0 ? (
        <Empty title="This run has no pictures">
          What a run writes into <code>media/</code> appears here. Mistakes and attention maps are under{" "}
          <button type="button" class="link" onClick={() => go({ view: "evaluations" })}>
            Evaluations
          </button>
          : <code>vitscale eval</code> makes them.
        </Empty>
      ) : (
        <Gallery pictures={pictures} onOpen={(index) => go({ detail: shown[index]!.path })} />
      )}
      {open >= 0 && (
        <Lightbox
          pictures={pictures}
          index={open}
          onChange={(index) => go({ detail: index === undefined ? "" : shown[index]!.path })}
        />
      )}
    </>
  );
}

/** Of each name the picture of the step, or the last one before it. */
function nearestOfEach(media: readonly MediaFile[], wanted: number): MediaFile[] {
  const chosen = new Map<string, MediaFile>();
  for (const file of media) {
    const before = chosen.get(file.name);
    const isLater = before === undefined || (file.step ?? 0) >= (before.step ?? 0);
    if (before === undefined || (isLater && (file.step ?? 0) <= wanted)) chosen.set(file.name, file);
  }
  return Array.from(chosen.values());
}
