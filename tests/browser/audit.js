/**
 * Measures a page as it is drawn: what is too small to be tapped, what is too faint to be read.
 * Evaluates to an object with `small()` and `faint()`, each a list of words for people. Counterpart: `audit.py`.
 */
(() => {
  const LEAST_SIDE_PX = 43.5; // 44, less what a browser rounds
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

  function small() {
    return [...document.querySelectorAll("a[href], button, input:not([type=radio], [type=checkbox])")]
      .filter((one) => one.checkVisibility() && !one.closest(".unseen") && !one.matches("p a"))
      .map((one) => [one, one.getBoundingClientRect()])
      .filter(([, box]) => box.width > 0 && Math.min(box.width, box.height) < LEAST_SIDE_PX)
      .map(([one, { width, height }]) => `${words(one.ariaLabel ?? one.textContent)}: ${Math.round(width)} x ${Math.round(height)}`);
  }

  function faint() {
    const found = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      const one = text.parentElement;
      if (!text.data.trim() || !one.checkVisibility() || one.closest(":disabled, .unseen, [inert], script, style")) continue;
      const style = getComputedStyle(one);
      const size_px = parseFloat(style.fontSize);
      const big = size_px >= 24 || (size_px >= 18.66 && Number(style.fontWeight) >= 700);
      const dim = chain(one).reduce((all, at) => all * Number(getComputedStyle(at).opacity), 1);
      const under = ground(one);
      const [r, g, b, a] = rgba(style.color);
      const got = ratio(over([r, g, b, a * dim], under), under);
      if (got < (big ? 3 : 4.5)) found.push(`${words(text.data)}: ${got.toFixed(2)}`);
    }
    return found;
  }

  return { small, faint };
})()
