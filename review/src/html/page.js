"use strict";
// What the page can do beyond reading: search, walking by keys, the template of a resource, and the switch of colours.
(() => {
  const one = (id) => document.getElementById(id);
  const rows = one("rows"), search = one("search"), found = one("found"), body = one("body"), shown = one("shown");
  let templates = null;
  const items = [...rows.querySelectorAll("summary, .leaf")];
  const texts = new Map(items.map((item) => [item, (item.textContent + " " + (item.dataset.i || "")).toLowerCase()]));
  document.querySelector(".tools").hidden = false;

  // The templates are deflated, since they repeat themselves.
  const unpacked = async () => {
    if (!self.DecompressionStream) {
      body.textContent = "This browser is too old to unpack the templates.";
      return [];
    }
    const bytes = Uint8Array.from(atob(one("templates").textContent), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return JSON.parse(await new Response(stream).text());
  };

  // The part of a template that belongs to a row.
  const show = async (item) => {
    templates = templates || await unpacked();
    const template = templates[item.dataset.s];
    if (!template) return;
    const id = item.dataset.i;
    const part = id === undefined ? template : template.Resources && template.Resources[id];
    shown.textContent = [id === undefined ? item.querySelector("b").textContent : id, item.dataset.l].filter(Boolean).join(" \u00b7 ");
    body.textContent = part === undefined ? "It is no longer in the template." : JSON.stringify(part, null, 2);
    rows.querySelectorAll(".chosen").forEach((other) => other.classList.remove("chosen"));
    item.classList.add("chosen");
  };

  // One row is in the order of the Tab key; arrows walk to the others.
  let current = items[0];
  const tab = (item) => {
    if (current) current.tabIndex = -1;
    current = item;
    if (item) item.tabIndex = 0;
  };
  items.forEach((item) => { item.tabIndex = -1; });
  tab(current);
  const is_seen = (item) => {
    let at = item.matches("summary") ? item.parentElement.parentElement : item.parentElement;
    for (; at !== rows; at = at.parentElement) {
      if (at.hidden || (at.tagName === "DETAILS" && !at.open)) return false;
    }
    return true;
  };
  const go = (item) => {
    if (!item) return;
    tab(item);
    item.focus();
  };
  rows.addEventListener("focusin", (event) => tab(event.target));
  rows.addEventListener("click", (event) => {
    const item = event.target.closest("summary, .leaf");
    if (item) { tab(item); show(item); }
  });
  rows.addEventListener("keydown", (event) => {
    const item = event.target, fold = item.matches("summary") ? item.parentElement : null;
    const seen = items.filter(is_seen), place = seen.indexOf(item);
    const up = () => {
      const around = (fold || item).parentElement.closest("details");
      go(around && around.querySelector("summary"));
    };
    const steps = {
      ArrowDown: () => go(seen[place + 1]),
      ArrowUp: () => go(seen[place - 1]),
      ArrowRight: () => { if (fold && !fold.open) fold.open = true; else if (fold) go(seen[place + 1]); },
      ArrowLeft: () => { if (fold && fold.open) fold.open = false; else up(); },
      Home: () => go(seen[0]),
      End: () => go(seen[seen.length - 1]),
      Enter: () => show(item),
    };
    if (steps[event.key] && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      steps[event.key]();
    }
  });

  // A row is found by its own words; what is around it is shown with it, and opened.
  let before = null;
  const folds = [...rows.querySelectorAll("details")];
  const look = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) {
      rows.querySelectorAll("li[hidden]").forEach((li) => { li.hidden = false; });
      if (before) folds.forEach((fold, place) => { fold.open = before[place]; });
      before = null;
      found.textContent = "";
      return;
    }
    before = before || folds.map((fold) => fold.open);
    const kept = new Set(), hits = items.filter((item) => words.every((word) => texts.get(item).includes(word)));
    for (const item of hits) {
      for (let li = item.closest("li"); li && !kept.has(li); li = li.parentElement.closest("li")) {
        kept.add(li);
        const fold = li.firstElementChild;
        if (fold.tagName === "DETAILS" && !fold.firstElementChild.isSameNode(item)) fold.open = true;
      }
    }
    rows.querySelectorAll("li").forEach((li) => { li.hidden = !kept.has(li); });
    found.textContent = hits.length + " found";
    const seen = items.find(is_seen);
    if (seen) tab(seen);
  };
  search.addEventListener("input", look);
  const all = (open) => () => folds.forEach((fold) => { fold.open = open; });
  one("unfold").addEventListener("click", all(true));
  one("fold").addEventListener("click", all(false));
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      search.focus();
    }
    if (event.key === "Escape" && event.target === search) { search.value = ""; look(); }
    if (event.key === "ArrowDown" && event.target === search) { event.preventDefault(); go(items.find(is_seen)); }
  });

  // A box of the picture leads to its rows.
  document.querySelectorAll(".picture .node").forEach((box) => box.addEventListener("click", () => {
    search.value = box.dataset.path.split("/").pop();
    look();
    one("tree").scrollIntoView();
  }));

  // Light or dark: as the system has it, until somebody says otherwise.
  const theme = one("theme"), root = document.documentElement;
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const label = () => { theme.textContent = dark() ? "Light" : "Dark"; };
  theme.hidden = false;
  theme.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; label(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", label);
  label();

  // On paper nothing is folded.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    folded.forEach((fold) => { fold.open = true; });
  });
  addEventListener("afterprint", () => folded.forEach((fold) => { fold.open = false; }));
})();
