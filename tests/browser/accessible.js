// Two checks of a page, run in the browser: what has no name for a screen reader, and what is too faint (WCAG AA, 4.5).
() => {
  const named = (e) =>
    e.labels?.length || e.textContent.trim() || e.title || e.getAttribute("aria-label") || e.hasAttribute("alt");
  const controls = document.querySelectorAll("input:not([type=hidden]), select, textarea, button, a, img");
  const unlabelled = [...controls].filter((e) => !named(e)).map((e) => e.outerHTML);

  const parts = (colour) => colour.match(/[\d.]+/g).map(Number);
  const linear = (v) => ((v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const colour = parts(getComputedStyle(e).backgroundColor);
      if (colour[3] !== 0) return colour;
    }
    return [255, 255, 255];
  };
  const hasText = (e) => [...e.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const faint = [];
  for (const e of document.querySelectorAll("body *")) {
    if (e.disabled || !hasText(e) || !e.getClientRects().length) continue;
    const [brighter, darker] = [light(parts(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
    const ratio = (brighter + 0.05) / (darker + 0.05);
    if (ratio < 4.5) faint.push(`${e.textContent.trim().slice(0, 40)} ${ratio.toFixed(2)}`);
  }
  return {unlabelled, faint};
}
