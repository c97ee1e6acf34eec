// Keeps the situation page up to date. Every answer carries a mark; while nothing changed the server says 204.
"use strict";

(() => {
  const POLL_MS = 3000;
  const ANSWER_MS = 15000;

  const live = document.getElementById("live");
  const away = document.getElementById("away");
  let mark = live.dataset.mark;

  async function ask() {
    try {
      const address = new URL(live.dataset.address, location.href);
      address.searchParams.set("known", mark);
      const answer = await fetch(address, {cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS)});
      if (!answer.ok) throw new Error(String(answer.status));
      if (answer.status === 200) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        for (const fresh of page.querySelectorAll("[data-live]")) {
          const section = live.querySelector(`[data-live="${fresh.dataset.live}"]`);
          if (section.innerHTML !== fresh.innerHTML) section.replaceChildren(...fresh.childNodes);
        }
        mark = answer.headers.get("X-Waspada-Mark");
      }
      away.hidden = true;
    } catch {
      away.hidden = false;
    }
    setTimeout(ask, POLL_MS);
  }

  setTimeout(ask, POLL_MS);
})();
