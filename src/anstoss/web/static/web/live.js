// The live list grows at its top; what has moved far down is let go, so that the page can stay open for days.
const KEEP = 300;
document.addEventListener("htmx:afterSwap", () => {
  const list = document.querySelector("[data-live]");
  while (list && list.rows.length > KEEP) list.deleteRow(-1);
});
