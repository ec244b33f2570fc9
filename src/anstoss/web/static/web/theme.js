// Light or dark by hand, kept in this browser. Loaded before the page is drawn, so that it does not flash.
const root = document.documentElement, kept = localStorage.getItem("theme");
if (kept) root.dataset.theme = kept;
document.addEventListener("click", (e) => {
  const pick = e.target.closest("[data-set]");
  if (!pick) return;
  localStorage.setItem("theme", root.dataset.theme = pick.dataset.set);
});
