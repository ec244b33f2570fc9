// Light or dark by hand, kept in this browser. Loaded before the page is drawn, so nothing flashes.
const root = document.documentElement;
const kept = localStorage.getItem("theme");
if (kept) root.dataset.theme = kept;
document.addEventListener("click", (event) => {
  const pick = event.target.closest("[data-set]");
  if (!pick) return;
  if (root.dataset.theme === pick.dataset.set) {
    delete root.dataset.theme;
    localStorage.removeItem("theme");
  } else {
    localStorage.setItem("theme", (root.dataset.theme = pick.dataset.set));
  }
});
