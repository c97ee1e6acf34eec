// Keeps the home page up to date. Every answer carries the board's mark; while nothing changed the server says 204.
"use strict";

(() => {
  const POLL_MS = 1500;
  const ANSWER_MS = 6000; // a server that says nothing for so long is away
  const REFRESH_MS = 30000; // ages ("3 minutes ago") go on even when nothing happens

  const live = document.getElementById("live");
  const away = document.getElementById("away");
  const awaySince = document.getElementById("away-since");
  let mark = live.dataset.mark;
  let renderedAt = Date.now();
  const shown = new Map();
  for (const section of live.querySelectorAll("[data-live]")) shown.set(section.dataset.live, section.innerHTML);

  function show(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const fresh of page.querySelectorAll("[data-live]")) {
      const name = fresh.dataset.live;
      if (shown.get(name) === fresh.innerHTML) continue;
      shown.set(name, fresh.innerHTML);
      const section = live.querySelector(`[data-live="${name}"]`);
      const focused = section.contains(document.activeElement) ? document.activeElement.id : "";
      section.replaceChildren(...fresh.childNodes);
      if (focused) document.getElementById(focused)?.focus();
    }
  }

  function isAway() {
    if (!away.hidden) return;
    awaySince.textContent = new Date().toLocaleTimeString(document.documentElement.lang, {hour: "2-digit", minute: "2-digit"});
    away.hidden = false;
    live.classList.add("stale");
  }

  function isBack() {
    away.hidden = true;
    live.classList.remove("stale");
  }

  async function ask() {
    const known = Date.now() - renderedAt < REFRESH_MS ? mark : "";
    try {
      const answer = await fetch(`${live.dataset.address}?known=${encodeURIComponent(known)}`, {
        cache: "no-store",
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      if (!answer.ok) throw new Error(String(answer.status));
      if (answer.status === 200) {
        show(await answer.text());
        mark = answer.headers.get("X-Waspada-Change");
        renderedAt = Date.now();
      }
      isBack();
    } catch {
      isAway();
    }
    setTimeout(ask, POLL_MS);
  }

  setTimeout(ask, POLL_MS);
})();
