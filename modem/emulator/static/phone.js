"use strict";
// The basic phone: typing by keyboard or multi-tap, sending, reading answers. The server is asked twice a second.

const app = document.getElementById("app");
const words = app.dataset;
const byId = (id) => document.getElementById(id);
const text = byId("text"), reading = byId("reading"), notice = byId("notice");
const people = [...document.querySelectorAll(".person")];

const BASIC = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const EXTENDED = "\f^{}\\[~]|€";
const KEYS = { 1: ".,?!-:;/()'\"@1", 2: "abc2", 3: "def3", 4: "ghi4", 5: "jkl5", 6: "mno6", 7: "pqrs7", 8: "tuv8", 9: "wxyz9", 0: " 0\n", "*": "*+#=%&$" };
const MODES = ["Abc", "abc", "ABC", "123"];
const TAP_MILLISECONDS = 900, POLL_MILLISECONDS = 500, NOTICE_MILLISECONDS = 1400;

let chosen = "", mode = 0, tapped = null, tapTimer = 0, noticeTimer = 0, sending = false;
let seen = {}, received = {}, answers = [], page = "write", shown = -1;

// SMS lengths, TS 23.040 9.2.3.24: 160 or 153 septets, 70 or 67 UTF-16 units a part.
function lengths(value) {
  const chars = [...value];
  const gsm = chars.every((char) => BASIC.includes(char) || EXTENDED.includes(char));
  const sizes = chars.map((char) => (gsm ? (EXTENDED.includes(char) ? 2 : 1) : char.length));
  const [single, part] = gsm ? [160, 153] : [70, 67];
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total <= single) return { left: single - total, parts: 1 };
  let parts = 1, used = 0;
  for (const size of sizes) {
    if (used + size > part) { parts += 1; used = 0; }
    used += size;
  }
  return { left: part - used, parts };
}

function showCounter() {
  const { left, parts } = lengths(text.value);
  byId("counter").textContent = `${left}/${parts}`;
  byId("counter").style.visibility = page === "write" ? "visible" : "hidden";
}

function show(name) {
  page = name;
  text.hidden = page !== "write";
  reading.hidden = page !== "read";
  byId("mode").hidden = page !== "write";
  byId("lcd-title").textContent = page === "write" ? words.wordWrite : `${words.wordReading} ${shown + 1}/${answers.length}`;
  byId("soft-left").textContent = page === "write" ? (unreadHere() && !text.value ? words.wordRead : words.wordSend) : "";
  byId("soft-right").textContent = page === "write" ? words.wordClear : words.wordBack;
  showCounter();
}

function unreadHere() { return (received[chosen] || 0) - (seen[chosen] || 0); }

function read(index) {
  if (!answers.length) return;
  shown = Math.max(0, Math.min(index, answers.length - 1));
  byId("reading-from").textContent = answers[shown].who;
  byId("reading-text").textContent = answers[shown].text;
  reading.scrollTop = 0;
  seen[chosen] = received[chosen] || 0;
  show("read");
  badges();
}

function say(message) {
  notice.textContent = message;
  notice.hidden = false;
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => { notice.hidden = true; }, NOTICE_MILLISECONDS);
}

async function post(path, fields = {}) {
  const body = new URLSearchParams(fields);
  const token = document.querySelector('meta[name="csrf-token"]').content;
  const response = await fetch(path, { method: "POST", body, headers: { "X-CSRFToken": token } });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error || response.statusText);
  return answer;
}

async function send() {
  if (sending) return;
  endTap();
  sending = true;
  try {
    await post("send", { phone: chosen, text: text.value });
    text.value = "";
    say(words.wordSent);
    await poll();
  } catch (error) {
    say(error instanceof TypeError ? words.wordOffline : error.message);
  } finally {
    sending = false;
    show(page);
  }
}

// Keys

function insert(piece, replaced = 0) {
  const start = text.selectionStart - replaced, end = text.selectionEnd;
  if (text.value.length - (end - start) + piece.length > Number(words.longest)) return say(words.wordLong);
  text.setRangeText(piece, start, end, "end");
  text.scrollTop = text.scrollHeight;
  show("write");
}

function endTap() {
  clearTimeout(tapTimer);
  if (tapped && MODES[mode] === "Abc" && /\S/.test(tapped.char)) setMode(1);
  tapped = null;
}

function setMode(index) { mode = index; byId("mode").textContent = MODES[mode]; }

function press(key) {
  if (page !== "write") show("write");
  if (key === "#") { endTap(); return setMode((mode + 1) % MODES.length); }
  if (MODES[mode] === "123") return insert(key);
  const again = tapped && tapped.key === key;
  if (!again) endTap();
  const place = again ? (tapped.place + 1) % KEYS[key].length : 0;
  const letter = KEYS[key][place];
  const char = MODES[mode] === "abc" ? letter : letter.toUpperCase();
  insert(char, again ? 1 : 0);
  tapped = { key, place, char };
  clearTimeout(tapTimer);
  tapTimer = setTimeout(endTap, TAP_MILLISECONDS);
}

function erase() {
  endTap();
  const start = text.selectionStart, end = text.selectionEnd;
  const before = [...text.value.slice(0, start)];
  const from = start === end ? start - (before.at(-1) || "").length : start;
  text.setRangeText("", from, end, "end");
  if (!text.value) setMode(0);
  show("write");
}

byId("keypad").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) press(button.dataset.key);
});
byId("key-left").addEventListener("click", () => {
  if (page === "read") return;
  if (!text.value && unreadHere()) read(answers.length - unreadHere());
  else if (!text.value) say(words.wordEmpty);
  else send();
});
byId("key-right").addEventListener("click", () => (page === "read" ? show("write") : erase()));
byId("key-up").addEventListener("click", () => (page === "read" ? read(shown - 1) : read(answers.length - 1)));
byId("key-down").addEventListener("click", () => {
  if (page !== "read") return read(answers.length - 1);
  return shown + 1 < answers.length ? read(shown + 1) : show("write");
});
text.addEventListener("input", () => { endTap(); show("write"); });
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); byId("key-left").click(); }
});

// Which phone

function choose(button) {
  if (button.dataset.number === chosen) return;
  endTap();
  notice.hidden = true;
  chosen = button.dataset.number;
  for (const other of people) other.setAttribute("aria-checked", String(other === button));
  byId("talk-name").textContent = button.dataset.name;
  byId("talk-number").textContent = chosen;
  seen[chosen] = received[chosen] || 0;
  drawn = "";
  text.value = "";
  setMode(0);
  show("write");
  poll();
}

for (const button of people) button.addEventListener("click", () => { choose(button); if (matchMedia("(hover: hover)").matches) text.focus(); });

function badges() {
  for (const button of people) {
    const number = button.dataset.number, count = (received[number] || 0) - (seen[number] || 0);
    const badge = button.querySelector(".unread");
    badge.hidden = count <= 0;
    badge.textContent = count;
  }
}

// What the server knows

let drawn = "";

function drawThread(thread) {
  const now = JSON.stringify(thread);
  if (now === drawn) return;
  drawn = now;
  const states = { waiting: words.wordWaiting, slot: words.wordSlot, deleted: words.wordDeleted, direct: words.wordDeleted, lost: words.wordLost };
  const rows = thread.map((row) => {
    const item = document.createElement("li");
    item.className = row.mine ? "mine" : "theirs";
    item.textContent = row.text;
    const small = document.createElement("small");
    const clock = new Date(row.at * 1000).toLocaleTimeString("id-ID", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
    small.textContent = row.mine ? `${clock} · ${states[row.state] || row.state}` : `${row.who} · ${clock}`;
    item.append(small);
    return item;
  });
  if (!rows.length) {
    const none = document.createElement("li");
    none.className = "none";
    none.textContent = words.wordNone;
    rows.push(none);
  }
  const list = byId("thread");
  list.replaceChildren(...rows);
  list.scrollTop = list.scrollHeight;
}

function drawScenario(scenario) {
  if (!byId("play")) return;
  byId("play").disabled = scenario.running;
  if (byId("converse")) byId("converse").disabled = scenario.running;
  byId("stop").disabled = !scenario.running;
  byId("played").textContent = `${scenario.sent}/${scenario.total}`;
  byId("bar").style.width = `${(100 * scenario.sent) / scenario.total}%`;
  byId("bar").parentElement.setAttribute("aria-valuenow", scenario.sent);
  byId("bar").parentElement.setAttribute("aria-valuemax", scenario.total);
}

async function poll() {
  const asked = chosen;
  try {
    const response = await fetch(`state?phone=${encodeURIComponent(asked)}`);
    const state = await response.json();
    if (asked !== chosen) return;
    const before = received[chosen];
    received = state.received;
    answers = state.thread.filter((row) => !row.mine);
    if (before !== undefined && received[chosen] > before) say(words.wordNew);
    if (before === undefined) seen = { ...received };
    drawThread(state.thread);
    drawScenario(state.scenario);
    badges();
    if (page === "write") show("write");
  } catch {
    say(words.wordOffline);
  }
}

for (const [name, action] of [["play", "start"], ["converse", "dialogue"], ["stop", "stop"]]) {
  byId(name)?.addEventListener("click", async () => {
    const speaker = people.find((button) => button.dataset.number === byId(name).dataset.number);
    if (speaker) choose(speaker);
    try { await post(`scenario/${action}`); } catch (error) { say(error.message); }
    poll();
  });
}

if (people.length) choose(people[0]);
setInterval(poll, POLL_MILLISECONDS);
