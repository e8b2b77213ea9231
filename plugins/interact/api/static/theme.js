// Airflow names its theme in the class of its own page's root; the tab is a frame in that page.
const look = () => {
  let dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  try {
    const names = window.parent.document.documentElement.classList;
    if (names.contains("dark") || names.contains("light")) dark = names.contains("dark");
  } catch {
    // Opened on its own, or by another site: the system's theme holds.
  }
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  for (const frame of document.querySelectorAll("iframe")) {
    const inner = frame.contentDocument && frame.contentDocument.documentElement;
    if (inner) inner.className = dark ? "dark" : "light";
  }
};
look();
window.addEventListener("DOMContentLoaded", look);
window.addEventListener("load", look);
try {
  new MutationObserver(look).observe(window.parent.document.documentElement, { attributeFilter: ["class"] });
} catch {
  // No parent to watch.
}
