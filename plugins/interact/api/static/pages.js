// What pages do beyond links and forms. Everything is found by its data- attribute; parts that htmx brings in count too.
const on = (kind, selector, act) =>
  document.addEventListener(kind, (event) => {
    const found = event.target.closest && event.target.closest(selector);
    if (found) act(found, event);
  });

// data-copies="#id": copy the text of that element.
on("click", "[data-copies]", async (button) => {
  const text = document.querySelector(button.dataset.copies).textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.body.appendChild(document.createElement("textarea"));
    area.value = text;
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  const before = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = before), 1500);
});

// data-opens="#dialog" and data-closes: dialogs of our own, since a frame in Airflow may not use the browser's.
on("click", "[data-opens]", (button) => {
  document.querySelector(button.dataset.opens).showModal();
});
on("click", "[data-closes]", (button) => button.closest("dialog").close());
on("click", "dialog", (dialog, event) => event.target === dialog && dialog.close());

// data-expects="text": the form's button works once exactly that has been typed.
on("input", "[data-expects]", (field) => {
  field.form.querySelector("[type=submit]").disabled = field.value.trim() !== field.dataset.expects;
});

// data-removes="selector": take away the nearest element around the button.
on("click", "[data-removes]", (button) => {
  const gone = button.closest(button.dataset.removes);
  const form = button.closest("form");
  gone.remove();
  if (form) form.dispatchEvent(new Event("change", { bubbles: true }));
});

// data-fills="#field" with data-text: write a text into a field, as if it had been typed.
on("click", "[data-fills]", (button) => {
  const field = document.querySelector(button.dataset.fills);
  field.value = button.dataset.text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});

// data-shows="#part" on a box: that part is there while the box is ticked.
const reveal = (box) => (document.querySelector(box.dataset.shows).hidden = !box.checked);
on("change", "[data-shows]", reveal);

// data-all: the box that stands for all others of its name; it is ticked while all of them are, and ticks them.
const named = (box) => [...(box.form?.elements ?? [])].filter((each) => each.name === box.name);
const others = (box) => named(box).filter((each) => each !== box);
const gather = (box) => (box.checked = others(box).every((each) => each.checked));
on("change", "input[type=checkbox]", (box) => {
  const all = named(box).find((each) => each.matches("[data-all]"));
  if (all === box) others(box).forEach((each) => (each.checked = box.checked));
  else if (all) gather(all);
});
document.addEventListener("DOMContentLoaded", () => {
  for (const box of document.querySelectorAll("[data-all]")) {
    if (box.checked) others(box).forEach((each) => (each.checked = true));
    else gather(box);
  }
});

// data-sends: Ctrl+Enter, or Command+Enter, in this field sends its form.
on("keydown", "[data-sends]", (field, event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) field.form.requestSubmit();
});

// data-out: a link that leaves the pages. A frame may open nothing by itself; the page around it may.
const framed = () => {
  try {
    return window.parent !== window && Boolean(window.parent.document);
  } catch {
    return false;
  }
};
on("click", "a[data-out]", (link, event) => {
  if (!framed()) return;
  event.preventDefault();
  const outer = window.parent.document.createElement("a");
  outer.href = link.href;
  outer.target = "_blank";
  outer.rel = "noopener";
  window.parent.document.body.append(outer);
  outer.click();
  outer.remove();
});

// What is open stays open when a part of the page is brought in anew; each such element has an id.
let open = [];
document.addEventListener("htmx:beforeSwap", () => {
  open = [...document.querySelectorAll("details[id][open]")].map((each) => each.id);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const id of open) {
    const each = document.getElementById(id);
    if (each) each.open = true;
  }
});
document.addEventListener("htmx:load", () => document.querySelectorAll("[data-shows]").forEach(reveal));

// A request that gets no answer says so, on the page that it came from.
document.addEventListener("htmx:sendError", () => {
  const place = document.getElementById("refused");
  if (!place) return;
  const told = document.createElement("div");
  told.className = "told failure";
  told.setAttribute("role", "alert");
  told.textContent = "Airflow does not answer. What you have written is still here: try again in some seconds.";
  place.replaceChildren(told);
});

// data-addressed on a field: what it brings in has an address of its own, which the browser shows from then on.
document.addEventListener("htmx:afterOnLoad", (event) => {
  const { elt, successful, pathInfo } = event.detail;
  if (successful && elt.matches("[data-addressed]")) history.replaceState(null, "", pathInfo.finalRequestPath);
});

// A live part whose question went wrong asks again after five seconds, not after one: the sentence stands once.
let failedAt = -Infinity;
const isLive = (event) => event.target.id === "live";
for (const kind of ["htmx:responseError", "htmx:sendError"])
  document.addEventListener(kind, (event) => isLive(event) && (failedAt = performance.now()));
document.addEventListener("htmx:beforeRequest", (event) => {
  if (isLive(event) && performance.now() - failedAt < 5000) event.preventDefault();
});
