/**
 * The editor: the thing itself to touch, and below it what can be changed. Phone first; on a wide screen side by side.
 *
 * Dragging moves what was chosen, two fingers or the wheel make it larger, arrow keys move it, Ctrl+Z takes a step back.
 */
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useSignal, useSignalEffect } from "@preact/signals";
import type { DesignParameters } from "@holdfast/protocol";
import { Banner } from "../parts";
import type { Bench } from "./bench";
import { draw, family } from "./canvas";
import { Choices } from "./choices";
import { clamped, type Part } from "./moves";
import { chosenOf } from "./variants";

const FACES = [["hand", "Hand"], ["round", "Round"], ["sans", "Plain"], ["serif", "Book"]] as const;
const COLOURS = ["#12343b", "#ffffff", "#a8321f", "#e0a030", "#1f6b4a", "#2f6db5", "#e86fa0"];
const GROUNDS = ["#ffffff", "#fff6e0", "#12343b", "#dcebdf", "#f8ddd4", "#cfe3f1", "#f2c14e"];
const CANVAS_PX = 1_000;

interface EditorProps { bench: Bench; currency: string; children: JSX.Element }

export function Editor({ bench, currency, children }: EditorProps): JSX.Element {
  const part = useSignal<Part>("text");
  useEffect(() => {
    bench.start();
    const keys = (event: KeyboardEvent): void => onKey(event, bench, part.value);
    addEventListener("keydown", keys);
    return () => {
      removeEventListener("keydown", keys);
      bench.stop();
    };
  }, [bench]);
  return (
    <div class="editor">
      <Banner tone="warn" shown={bench.offline.value}>No connection. You can go on; it is saved as soon as somebody answers.</Banner>
      <section class="editor-stage" aria-label="Your design">
        <Stage bench={bench} part={part.value} onPart={(chosen) => void (part.value = chosen)} />
        <Standing bench={bench} />
      </section>
      <section class="editor-tools" aria-label="What can be changed">
        <div class="editor-row">
          <button type="button" class="button small" disabled={!bench.canUndo.value} onClick={() => bench.undo()}>Undo</button>
          <button type="button" class="button small" disabled={!bench.canRedo.value} onClick={() => bench.redo()}>Redo</button>
          <Chooser bench={bench} />
        </div>
        <TextTools bench={bench} />
        <Swatches label="Background" colours={GROUNDS} chosen={bench.looks.value.background}
          onChoose={(background) => bench.change({ ...bench.looks.value, background })} />
        <Choices bench={bench} currency={currency} />
        <Sliders bench={bench} part={part.value} onPart={(chosen) => void (part.value = chosen)} />
        {children}
      </section>
    </div>
  );
}

function onKey(event: KeyboardEvent, bench: Bench, part: Part): void {
  const typing = event.target instanceof HTMLElement && event.target.matches("input, textarea, select");
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !typing) {
    event.preventDefault();
    if (event.shiftKey) bench.redo();
    else bench.undo();
    return;
  }
  const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (!step || typing || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const far_um = event.shiftKey ? 5_000 : 1_000;
  bench.change(clamped(bench.looks.value, part, (at) => ({ ...at, x_um: at.x_um + step[0]! * far_um, y_um: at.y_um + step[1]! * far_um })));
}

interface StageProps { bench: Bench; part: Part; onPart: (part: Part) => void }

function Stage({ bench, part, onPart }: StageProps): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const fits = useSignal(true);
  const fingers = useRef(new Map<number, { x: number; y: number }>());
  const { template } = bench;
  const thing = chosenOf(bench.product, bench.looks.value.variant).find((choice) => choice.swatch)?.swatch ?? "";
  // Set by script: the page's policy allows no style in the markup.
  useEffect(() => void canvas.current?.style.setProperty("--thing", thing || "transparent"), [thing]);
  useSignalEffect(() => {
    const looks = bench.looks.value;
    const picture = bench.picture.value;
    void family(looks.text.face, looks.text.text).catch(() => "sans-serif").then((name) => {
      if (canvas.current && bench.looks.value === looks) {
        fits.value = draw(canvas.current, template, looks, name, picture?.source ?? null, picture?.size_px ?? [1, 1]);
      }
    });
  });
  const down = (event: PointerEvent): void => {
    canvas.current?.setPointerCapture(event.pointerId);
    fingers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (fingers.current.size === 1) bench.change({ ...bench.looks.value });
  };
  const move = (event: PointerEvent): void => {
    const before = fingers.current.get(event.pointerId);
    if (!before || !canvas.current) return;
    const others = [...fingers.current.entries()].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    fingers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const um_per_px = template.width_um / canvas.current.getBoundingClientRect().width;
    const other = others[0];
    if (other) {
      const far = Math.hypot(event.clientX - other.x, event.clientY - other.y);
      const near = Math.hypot(before.x - other.x, before.y - other.y);
      if (near > 0) bench.change(clamped(bench.looks.value, part, (at) => ({ ...at, size: at.size * (far / near) })), false);
      return;
    }
    const dx = (event.clientX - before.x) * um_per_px;
    const dy = (event.clientY - before.y) * um_per_px;
    bench.change(clamped(bench.looks.value, part, (at) => ({ ...at, x_um: at.x_um + dx, y_um: at.y_um + dy })), false);
  };
  const up = (event: PointerEvent): void => void fingers.current.delete(event.pointerId);
  const wheel = (event: WheelEvent): void => {
    event.preventDefault();
    bench.change(clamped(bench.looks.value, part, (at) => ({ ...at, size: at.size * (event.deltaY < 0 ? 1.06 : 0.94) })), false);
  };
  return (
    <>
      <canvas ref={canvas} class="editor-canvas" data-shape={template.shape} data-coloured={thing !== ""} width={CANVAS_PX} tabIndex={0}
        height={Math.round((CANVAS_PX * template.height_um) / template.width_um)} role="img"
        aria-label={`${bench.product.name}: ${bench.looks.value.text.text || "no text yet"}. Arrow keys move the ${part}.`}
        onPointerDown={down} onPointerMove={move} onPointerUp={up} onPointerCancel={up} onWheel={wheel} />
      {!fits.value && <p class="field-error" role="alert">The text does not fit; please make it shorter.</p>}
      <div class="editor-parts" role="group" aria-label="What to move">
        {(["text", "picture"] as const).map((each) => (
          <button type="button" class="chip" aria-pressed={part === each} disabled={each === "picture" && !bench.looks.value.picture}
            onClick={() => onPart(each)} key={each}>Move {each}</button>
        ))}
      </div>
    </>
  );
}

/** What the service has painted: the truth, beside what the browser shows. */
function Standing({ bench }: { bench: Bench }): JSX.Element {
  const words = bench.trouble.value ?? (bench.saved.value ? "Saved" : bench.offline.value ? "Waits for a connection" : "Saving…");
  return (
    <div class="editor-standing">
      {bench.preview.value && <img class="editor-preview" data-shape={bench.template.shape} src={bench.preview.value} alt="As it will be printed" />}
      <p class={bench.trouble.value ? "field-error" : "soft"} role="status">{words}</p>
    </div>
  );
}

function Chooser({ bench }: { bench: Bench }): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const choose = (): void => {
    const file = input.current?.files?.[0];
    if (file) void bench.upload(file);
    if (input.current) input.current.value = "";
  };
  const { picture } = bench.looks.value;
  return (
    <>
      <input ref={input} type="file" class="unseen" accept="image/jpeg,image/png,image/webp" onChange={choose} aria-label="Choose a picture" tabIndex={-1} />
      <button type="button" class="button go" disabled={bench.uploading.value} onClick={() => input.current?.click()}>
        {bench.uploading.value ? "Sending…" : picture ? "Other picture" : "Add a picture"}
      </button>
      {picture && <button type="button" class="button small" onClick={() => bench.change({ ...bench.looks.value, picture: null })}>Remove</button>}
    </>
  );
}

function TextTools({ bench }: { bench: Bench }): JSX.Element {
  const { text } = bench.looks.value;
  const set = (changes: Partial<DesignParameters["text"]>): void =>
    bench.change({ ...bench.looks.value, text: { ...bench.looks.value.text, ...changes } });
  return (
    <>
      <label class="field">
        <span>Text</span>
        <textarea class="input" rows={2} maxLength={120} value={text.text} placeholder="A few words"
          onInput={(event) => set({ text: event.currentTarget.value })} />
      </label>
      <div class="editor-row" role="group" aria-label="Typeface">
        {FACES.map(([id, name]) => (
          <button type="button" class="chip" aria-pressed={text.face === id} onClick={() => set({ face: id })} key={id}>{name}</button>
        ))}
      </div>
      <Swatches label="Text colour" colours={COLOURS} chosen={text.colour} onChoose={(colour) => set({ colour })} />
    </>
  );
}

interface SwatchesProps { label: string; colours: string[]; chosen: string; onChoose: (colour: string) => void }

function Swatches({ label, colours, chosen, onChoose }: SwatchesProps): JSX.Element {
  return (
    <div class="swatches" role="group" aria-label={label}>
      <span class="swatches-label">{label}</span>
      {colours.map((colour) => <Swatch colour={colour} label={label} chosen={colour === chosen} onChoose={onChoose} key={colour} />)}
    </div>
  );
}

function Swatch({ colour, label, chosen, onChoose }: { colour: string; label: string; chosen: boolean; onChoose: (colour: string) => void }): JSX.Element {
  const button = useRef<HTMLButtonElement>(null);
  // Set by script: the page's policy allows no style in the markup.
  useEffect(() => void button.current?.style.setProperty("--swatch", colour), [colour]);
  return <button ref={button} type="button" class="swatch" aria-pressed={chosen} aria-label={`${label} ${colour}`} onClick={() => onChoose(colour)} />;
}

function Sliders({ bench, part }: StageProps): JSX.Element {
  const looks = bench.looks.value;
  const placed = part === "picture" && looks.picture ? looks.picture : looks.text;
  const size = "scale_bp" in placed ? placed.scale_bp / 100 : placed.size_um / 1_000;
  const [least, most] = "scale_bp" in placed ? [10, 600] : [3, 120];
  return (
    <div class="sliders">
      <label>
        <span>{part === "picture" ? "Picture size" : "Text size"}</span>
        <input type="range" min={least} max={most} step="1" value={size}
          onInput={(event) => bench.change(clamped(looks, part, (at) => ({ ...at, size: Number(event.currentTarget.value) * ("scale_bp" in placed ? 100 : 1_000) })))} />
      </label>
      <label>
        <span>Turn</span>
        <input type="range" min="-180" max="180" step="1" value={placed.rotation_deg}
          onInput={(event) => bench.change(clamped(looks, part, (at) => ({ ...at, rotation_deg: Number(event.currentTarget.value) })))} />
      </label>
    </div>
  );
}
