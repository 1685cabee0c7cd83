/**
 * Measures a page as it is drawn: what is too small to be tapped, what is too faint to be read, how far it sticks out.
 * Evaluates to an object with `still()` and `measure(one)`. The last look whether anything moves and all of the
 * measuring are one task of the page: nothing is drawn, rendered or begun between them. Counterpart: `audit.py`.
 */
(() => {
  const LEAST_SIDE_PX = 43.5; // 44, less what a browser rounds
  const CALM_FRAMES = 3; // what a tap has asked for is rendered in one frame, and its effects run after the next
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], under) => [...[r, g, b].map((each, i) => each * a + under[i] * (1 - a)), 1];
  const chain = (one) => (one ? [...chain(one.parentElement), one] : []);
  const ground = (one) =>
    chain(one).reduce((under, at) => over(rgba(getComputedStyle(at).backgroundColor), under), [255, 255, 255, 1]);
  const linear = (each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const ratio = (one, other) => {
    const [dark, bright] = [light(one), light(other)].sort((x, y) => x - y);
    return (bright + 0.05) / (dark + 0.05);
  };
  const words = (text) => text.trim().replace(/\s+/g, " ").slice(0, 40);

  const frame = () => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
  // What turns for ever does not count. A sheet that has just been opened does, before its first picture, too.
  const moving = () =>
    document
      .getAnimations()
      .some((each) => each.playState === "running" && each.effect.getComputedTiming().endTime !== Infinity);

  async function still() {
    await document.fonts.ready;
    for (let calm = 0; calm < CALM_FRAMES; calm = moving() ? 0 : calm + 1) await frame();
  }

  function small() {
    return [...document.querySelectorAll("a[href], button, input:not([type=radio], [type=checkbox])")]
      .filter((one) => one.checkVisibility() && !one.closest(".unseen") && !one.matches("p a"))
      .map((one) => [one, one.getBoundingClientRect()])
      .filter(([, box]) => box.width > 0 && Math.min(box.width, box.height) < LEAST_SIDE_PX)
      .map(([one, { width, height }]) => `${words(one.ariaLabel ?? one.textContent)}: ${Math.round(width)} x ${Math.round(height)}`);
  }

  function* legible() {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      const one = text.parentElement;
      if (!text.data.trim() || !one.checkVisibility() || one.closest(":disabled, .unseen, [inert], script, style")) continue;
      yield [text, one];
    }
  }

  function faintness(text, one) {
    const style = getComputedStyle(one);
    const size_px = parseFloat(style.fontSize);
    const big = size_px >= 24 || (size_px >= 18.66 && Number(style.fontWeight) >= 700);
    const dim = chain(one).reduce((all, at) => all * Number(getComputedStyle(at).opacity), 1);
    const under = ground(one);
    const [r, g, b, a] = rgba(style.color);
    const got = ratio(over([r, g, b, a * dim], under), under);
    return got < (big ? 3 : 4.5) ? [`${words(text.data)}: ${got.toFixed(2)}`] : [];
  }

  async function measure(shown) {
    await still();
    if (!shown.isConnected) return null; // drawn anew meanwhile: to be looked for again
    const read = [...legible()];
    return {
      words: read.filter(([text]) => shown.contains(text)).length,
      small: small(),
      faint: read.flatMap(([text, one]) => faintness(text, one)),
      sideways_px: Math.max(0, document.documentElement.scrollWidth - innerWidth),
    };
  }

  return { still, measure };
})()
