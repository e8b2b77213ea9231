// Light or dark as Airflow is: its page's root says so around a frame, its own memory says so elsewhere.
const root = document.documentElement;
const around = () => {
  try {
    return window.parent === window ? null : window.parent.document.documentElement;
  } catch {
    return null; // Framed by another site.
  }
};
const isDark = () => {
  const names = around() ? [...around().classList] : [localStorage.getItem("theme")];
  if (names.includes("dark")) return true;
  if (names.includes("light")) return false;
  return window.matchMedia("(prefers-color-scheme: dark)").matches;
};
const look = () => {
  const dark = isDark();
  root.dataset.theme = dark ? "dark" : "light";
  root.dataset.framed = around() ? "yes" : "no";
  for (const frame of document.querySelectorAll("iframe")) {
    const inner = frame.contentDocument && frame.contentDocument.documentElement;
    if (inner) inner.className = dark ? "dark" : "light";
  }
};
look();
window.addEventListener("DOMContentLoaded", look);
window.addEventListener("load", look);
window.addEventListener("storage", look);
document.addEventListener("htmx:load", look);
document.addEventListener("load", look, true); // A report's frame has come.
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", look);
if (around()) new MutationObserver(look).observe(around(), { attributeFilter: ["class"] });
