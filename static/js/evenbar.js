/* What the pages gain when scripts run; everything works without. In order: words and live regions, htmx (CSRF header, refusals,
   focus), double submits, word counts, folds, autosave, keyboard. Texts come from <template id="words"> in layouts/_words.html. */
(() => {
"use strict";

const words = document.getElementById("words").dataset;
const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const csrfMeta = () => one('meta[name="csrf-token"]');

function announce(text) {
  const region = document.getElementById("announcer");
  region.textContent = "";
  setTimeout(() => { region.textContent = text; }, 50);
}

function notice(text) {
  const box = document.getElementById("problems");
  if (!box) { announce(text); return; }
  if (box.textContent !== text) box.textContent = text;
}

/* ---- htmx ---- */

function refuseCode() { throw new Error("htmx attributes may not hold code here"); }

if (window.htmx) {
  htmx.registerExtension("evenbar", { init: (api) => api.initSecurity(undefined, refuseCode, refuseCode) });
}

document.addEventListener("htmx:config:request", (event) => {
  const request = event.detail.ctx.request;
  if (!["GET", "QUERY"].includes(request.method)) request.headers["X-CSRFToken"] = csrfMeta().content;
});

const isPoll = (ctx) => Boolean(ctx && ctx.sourceEvent && ctx.sourceEvent.type === "every");

document.addEventListener("htmx:before:request", (event) => {
  if (!isPoll(event.detail.ctx)) notice("");
  const target = event.detail.ctx.target;
  event.detail.ctx.heldFocus = Boolean(target && target.contains(document.activeElement) && document.activeElement !== document.body);
});

/* A refusal comes as a fragment (422), as a line for #problems (HX-Retarget), or as a page. Of pages only "changed meanwhile" is
   shown, since it holds both texts; any other would put a page into a fragment's place, so a sentence stands for it. */
document.addEventListener("htmx:after:request", (event) => {
  const ctx = event.detail.ctx;
  const status = ctx.response.status;
  if (status < 400 || ctx.hx.redirect || ctx.hx.retarget) return;
  if (!/^\s*<!doctype/i.test(ctx.text) && status < 500) return;
  if (status === 409) { Object.assign(ctx.hx, { retarget: "body", reswap: "innerHTML show:top" }); return; }
  ctx.hx.reswap = "none";
  notice(isPoll(ctx) ? words.stalled : words.failed);
});

document.addEventListener("htmx:error", (event) => notice(isPoll(event.detail.ctx) ? words.stalled : words.noConnection));

document.addEventListener("htmx:after:request", (event) => {
  const box = document.getElementById("problems");
  if (isPoll(event.detail.ctx) && event.detail.ctx.response.status < 400 && box && box.textContent === words.stalled) notice("");
});

/* What a person has in hand outlives the part it stands in: the focus and what is unfolded by its id, and a field with
   unsent text (data-keep-text) that the new part has no place for. */
document.addEventListener("htmx:before:swap", (event) => {
  const ctx = event.detail.ctx;
  const target = typeof ctx.target === "string" ? one(ctx.target) : ctx.target;
  if (!target) return;
  ctx.inHand = {
    focus: target.contains(document.activeElement) ? document.activeElement.id : "",
    open: all("details[id]", target).map((part) => [part.id, part.open]),
    unsent: all("[data-keep-text]", target).filter((form) => !form.contains(ctx.sourceElement) && one("textarea", form)?.value),
    said: (target.dataset.say || "").split("\n"),
  };
});

function backInHand(target, { focus, open, unsent, said }) {
  for (const [id, was] of open) { const part = document.getElementById(id); if (part) part.open = was; }
  for (const form of unsent) if (!document.getElementById(form.id)) target.after(form);
  if (focus && document.activeElement === document.body) document.getElementById(focus)?.focus({ preventScroll: true });
  const fresh = (target.dataset.say || "").split("\n").filter((line) => line && !said.includes(line));
  if (fresh.length) announce(fresh.join(" "));
}

document.addEventListener("htmx:after:request", (event) => {  // sent after all: its place is gone, so it goes as well
  const form = event.detail.ctx.sourceElement;
  if (form.matches?.("[data-keep-text]") && !form.closest("#live") && event.detail.ctx.response.status < 400) form.remove();
});

document.addEventListener("htmx:after:swap", (event) => {
  const ctx = event.detail.ctx;
  let target = typeof ctx.target === "string" ? one(ctx.target) : ctx.target;
  if (target && !target.isConnected) target = document.getElementById(target.id);  // replaced by its successor of the same name
  if (!target) return;
  start(target);
  tell(target);
  if (ctx.inHand) backInHand(target, ctx.inHand);
  const asked = one("[data-focus]", target);
  if (asked) { asked.focus(); return; }
  if (ctx.heldFocus && document.activeElement === document.body) {
    if (!target.hasAttribute("tabindex")) target.setAttribute("tabindex", "-1");
    target.focus({ preventScroll: true });
  }
});

document.addEventListener("announce", (event) => announce(event.detail.value));  // HX-Trigger: {"announce": {"value": "…"}}

/* ---- one submit per form; the button keeps its name and value because it is never disabled ---- */

function release(form) {
  delete form.dataset.busy;
  all("[aria-disabled]", form).forEach((button) => button.removeAttribute("aria-disabled"));
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "get" || form.method === "dialog") return;
  if (form.dataset.busy) { event.preventDefault(); event.stopImmediatePropagation(); return; }
  form.dataset.busy = "true";
  if (event.submitter) event.submitter.setAttribute("aria-disabled", "true");
  setTimeout(() => release(form), 8000);  // a download or a stopped request leaves the page where it is
}, true);

document.addEventListener("htmx:finally:request", (event) => {
  const form = event.detail.ctx.sourceElement.closest("form");
  if (form) release(form);
});
window.addEventListener("pageshow", () => all("form[data-busy]").forEach(release));

/* ---- word counts: <textarea data-count="200"> with <p id="ID-count"> ---- */

function count(field) {
  const place = document.getElementById(`${field.id}-count`);
  if (!place) return;
  const n = (field.value.match(/\S+/g) || []).length;
  const max = Number(field.dataset.count);
  let text = n === 1 ? words.wordsOne : words.wordsMany;
  if (max) text = n > max ? words.wordsOver : words.wordsOf;
  place.textContent = text.replace("{n}", n).replace("{max}", max).replace("{over}", n - max);
  place.toggleAttribute("data-over", max > 0 && n > max);
}

document.addEventListener("input", (event) => { if (event.target.matches("[data-count]")) count(event.target); });

/* ---- folds: a part of a long form says how far it is; on a phone only the first unfinished one stands open ---- */

const NARROW = window.matchMedia("(max-width: 60rem)");

function tallied(place, fold) {
  const { tally, none, one: single, some, all: every } = place.dataset;
  if (tally === "radio") {
    const label = one("input[type=radio]:checked ~ label", fold);
    return label && one("input[type=radio]:checked", fold).value ? (one(".scale-name", label) || label).textContent : none;
  }
  const items = all(tally, fold);
  const n = items.filter((item) => item.matches("textarea") ? item.value.trim() : true).length;
  if (!n) return none;
  if (every && n === items.length) return every;
  return (n === 1 && single ? single : some).replace("{n}", n).replace("{all}", items.length);
}

function tell(from) {
  for (let fold = from.closest("details"); fold; fold = fold.parentElement.closest("details")) {
    const place = one(":scope > summary [data-tally]", fold);
    if (place) place.textContent = tallied(place, fold);
  }
}

for (const kind of ["input", "change"]) document.addEventListener(kind, (event) => tell(event.target));

function unfoldTo(name) {
  const target = name.length > 1 && document.getElementById(decodeURIComponent(name.slice(1)));
  if (!target) return;
  const below = one(":scope > .fold", target);
  if (below) below.open = true;
  for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
}

function foldForPhones(root) {
  if (!NARROW.matches) return;
  all("[data-narrow=closed]", root).forEach((fold) => { fold.open = false; });
  if (root !== document) return;
  all(".fold[open]:not([data-narrow])").slice(1).forEach((fold) => { fold.open = Boolean(one(".has-error", fold)); });
}

/* ---- autosave: <form data-autosave="URL"> with a hidden version and a [data-save-status] region ---- */

const WAIT = 1200;             // after the last keystroke
const RETRY = [2, 4, 8, 15, 30];  // seconds between tries without a connection

class Autosave {
  constructor(form) {
    this.form = form;
    this.status = one("[data-save-status]", form) || one("[data-save-status]");
    this.edits = 0;      // counts what was typed
    this.saved = 0;      // the count that the server has
    this.tries = 0;
    this.state = "idle"; // idle | saving | stale | signed-out
    form.addEventListener("input", () => this.edited());
    form.addEventListener("change", () => this.edited());
    form.addEventListener("submit", (event) => {
      if (this.state === "saving") {  // sent now it would carry the version that is just being replaced
        event.preventDefault();
        release(form);
        this.pressed = { by: event.submitter };
        return;
      }
      this.leaving = true;
      setTimeout(() => { if (event.defaultPrevented) this.leaving = false; });  // stopped, or taken over by htmx
    });
    window.addEventListener("pageshow", () => { this.leaving = false; });
    window.addEventListener("online", () => this.save());
    window.addEventListener("focus", () => { if (this.state === "signed-out") this.comeBack(); });
    window.addEventListener("beforeunload", (event) => { if (this.unsaved && !this.leaving) event.preventDefault(); });
  }

  get unsaved() { return this.form.isConnected && this.edits > this.saved; }  // what htmx has replaced was sent

  edited() {
    this.edits += 1;
    if (this.state === "stale") return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), WAIT);
    if (this.state === "idle" && !this.tries) this.say("", words.unsaved);
  }

  say(state, text, act) {
    if (!this.status) return;
    this.status.dataset.state = state;
    if (!act && this.status.textContent === text) return;
    this.status.replaceChildren(text);
    if (act) this.status.append(" ", act);
  }

  body() {
    const data = new URLSearchParams();
    for (const [name, value] of new FormData(this.form)) {
      if (typeof value !== "string") continue;
      data.append(name === "idempotency_token" ? "form_token" : name, value);  // by its own name the token would be used up
    }
    return data;
  }

  async save() {
    if (!this.unsaved || this.state === "saving" || this.state === "stale" || this.leaving || !this.form.isConnected) return;
    clearTimeout(this.timer);
    const upTo = this.edits;
    this.state = "saving";
    if (this.status) this.status.dataset.state = "saving";
    let response;
    try {
      response = await fetch(this.form.dataset.autosave, {
        method: "POST", body: this.body(), credentials: "same-origin", redirect: "error",
        headers: { "X-Autosave": "1", "X-CSRFToken": csrfMeta().content, Accept: "application/json" },
      });
    } catch {
      this.pressed = undefined;
      this.again();
      return;
    }
    await this.hear(response, upTo);
    const pressed = this.pressed;
    this.pressed = undefined;
    if (pressed) this.form.requestSubmit(pressed.by);
  }

  again() {
    this.state = "idle";
    this.say("trouble", words.offline);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), 1000 * RETRY[Math.min(this.tries, RETRY.length - 1)]);
    this.tries += 1;
  }

  async hear(response, upTo) {
    if (response.status >= 500 || response.status === 429) { this.again(); return; }
    const answer = await response.json().catch(() => ({}));
    this.state = "idle";
    this.tries = 0;
    if (response.ok) {
      this.saved = upTo;
      const version = one('input[name="version"]', this.form);
      if (version && answer.version !== undefined) version.value = answer.version;
      for (const [name, value] of Object.entries(answer.fields || {})) one(`input[name="${name}"]`, this.form).value = value;
      this.say("saved", answer.label || "");
      if (this.unsaved) this.timer = setTimeout(() => this.save(), WAIT);
      this.renewed = false;
    } else if (response.status === 401 || (response.status === 400 && !this.renewed)) {  // 400: the token is of an older session
      this.state = "signed-out";
      this.renewed = response.status === 400;
      if (this.renewed && await this.comeBack()) return;
      const link = document.createElement("a");
      Object.assign(link, { href: words.signInHref, target: "_blank", rel: "noopener", textContent: words.signIn });
      this.say("trouble", words.signedOut, link);
    } else if (response.status === 409) {
      this.state = "stale";
      const press = document.createElement("button");
      Object.assign(press, { type: "submit", className: "button button--secondary button--small", textContent: words.staleAct });
      if (this.form.id) press.setAttribute("form", this.form.id);
      this.say("trouble", words.stale, press);
    } else {
      this.say("trouble", `${words.refused} ${answer.problem || answer.message || words.refusedWhy}`);
    }
  }

  async comeBack() {  // signed in again elsewhere: the new session has a new token, take it before anything is sent
    const response = await fetch(one(".wordmark").href, { credentials: "same-origin", redirect: "manual" }).catch(() => null);
    if (!response || !response.ok) return false;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = one('meta[name="csrf-token"]', page);
    if (!fresh || !one(".site-me", page)) return false;
    csrfMeta().content = fresh.content;
    all('input[name="csrf_token"]').forEach((input) => { input.value = fresh.content; });
    this.state = "idle";
    this.save();
    return true;
  }
}

/* ---- keyboard: ? lists, j and k move; can be switched off, as one-key shortcuts must be ---- */

const KEY = "evenbar-shortcuts";
const shortcutsOn = () => { try { return localStorage.getItem(KEY) !== "off"; } catch { return true; } };

function moveRow(step) {
  const rows = all("[data-row]").filter((row) => row.getClientRects().length);
  if (!rows.length) return;
  const now = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[now < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.max(0, Math.min(rows.length - 1, now + step))];
  const fold = one(":scope > .fold", next);
  if (fold) fold.open = true;
  const place = one("a[href], button, input:not([type=hidden]), select, textarea", next) || next;
  place.focus();
  next.scrollIntoView({ block: "nearest" });
}

/* On the scoring form a digit gives that point of the scale to the competency that has the focus. */
function score(event) {
  const row = event.target.closest("[data-row]");
  const point = row && one(`.scale input[type=radio][value="${CSS.escape(event.key)}"]`, row);
  if (!point) return false;
  point.click();
  point.focus();
  return true;
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !shortcutsOn() || one("dialog[open]")) return;
  const act = { "?": () => document.getElementById("shortcuts").showModal(), j: () => moveRow(1), k: () => moveRow(-1) }[event.key];
  if (act) { event.preventDefault(); act(); }
  else if (/^[0-9]$/.test(event.key) && score(event)) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href*="#"]');
  if (link && link.pathname === location.pathname) unfoldTo(link.hash);
  const opener = event.target.closest("[data-open]");
  if (opener) document.getElementById(opener.dataset.open).showModal();
  if (event.target.closest("[data-print]")) window.print();
});

/* ---- a page of a case goes blank once the case is no longer its reader's to see: <div data-still="URL"> ---- */

const STILL = 20000;

function vanish() {
  const main = one("main");
  const line = document.createElement("p");
  const way = document.createElement("a");
  way.href = words.home;
  way.textContent = words.goneAct;
  line.append(`${words.gone} `, way);
  main.replaceChildren(line);
  document.title = words.gone;
  announce(words.gone);
}

async function askStill(url) {
  if (document.hidden || !one("[data-still]")) return;
  try {
    const answer = await fetch(url, { redirect: "manual" });  // a lapsed session is a redirect and none of this one's business
    if (answer.status === 404) vanish();
  } catch { /* no connection: asked again */ }
}

const still = one("[data-still]");
if (still) {
  setInterval(() => askStill(still.dataset.still), STILL);
  document.addEventListener("visibilitychange", () => askStill(still.dataset.still));
}

/* ---- a time box: <strong data-left="SECONDS"> counts down by the minute; that it is over is the server's to say ---- */

const boxes = new WeakMap();

function countDown() {
  for (const box of all("[data-left]")) {
    if (!boxes.has(box)) boxes.set(box, Date.now() + 1000 * Number(box.dataset.left));
    const left = Math.max(1, Math.ceil((boxes.get(box) - Date.now()) / 60000));
    const text = (left === 1 ? words.minutesOne : words.minutesMany).replace("{n}", left);
    if (box.textContent !== text) box.textContent = text;
  }
}
setInterval(countDown, 5000);

/* ---- start ---- */

const autosaved = new WeakSet();

function start(root) {
  const toggle = one("#shortcuts-on", root);
  if (toggle) toggle.checked = shortcutsOn();
  all("[data-open], [data-print]", root).forEach((button) => { button.hidden = false; });
  all("[data-count]", root).forEach(count);
  foldForPhones(root);
  countDown();
  for (const form of [...all("form[data-autosave]", root), ...(root.matches?.("form[data-autosave]") ? [root] : [])]) {
    if (autosaved.has(form)) continue;
    autosaved.add(form);
    new Autosave(form);
  }
}

start(document);
unfoldTo(location.hash);
window.addEventListener("hashchange", () => unfoldTo(location.hash));
one("[data-focus]")?.focus();

document.addEventListener("change", (event) => {
  if (event.target.id !== "shortcuts-on") return;
  try { localStorage.setItem(KEY, event.target.checked ? "on" : "off"); } catch { /* a private window forgets it */ }
});
})();
