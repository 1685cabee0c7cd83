/**
 * The bell for new tickets.
 *
 * Browsers allow sound only after a tap on the page, so the bell starts silent and `waken` is called from a button. It is
 * synthesised, two strokes of a ship's bell, so that nothing has to be fetched.
 */
import { signal } from "@preact/signals";

const STROKES_S = [0, 0.28];
const PARTIALS_HZ = [880, 1320, 2217];

export class Bell {
  readonly awake = signal(false);
  private context: AudioContext | null = null;

  async waken(): Promise<void> {
    this.context ??= new AudioContext();
    await this.context.resume();
    this.awake.value = this.context.state === "running";
    this.ring();
  }

  ring(): void {
    const { context } = this;
    if (!context || !this.awake.value) return;
    for (const stroke of STROKES_S) {
      for (const [place, hertz] of PARTIALS_HZ.entries()) this.strike(context, context.currentTime + stroke, hertz, 0.35 / (place + 1));
    }
  }

  private strike(context: AudioContext, at: number, hertz: number, loudness: number): void {
    const gain = context.createGain();
    gain.gain.setValueAtTime(loudness, at);
    gain.gain.exponentialRampToValueAtTime(0.001, at + 0.9);
    const tone = context.createOscillator();
    tone.frequency.value = hertz;
    tone.connect(gain).connect(context.destination);
    tone.start(at);
    tone.stop(at + 0.9);
  }
}
