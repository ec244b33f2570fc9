// Keeps [data-live] fresh: fetches the address it names every few seconds and takes over the answer, unless somebody
// reads in it just now (has opened something or selected text), the page is hidden, or nothing has changed.
for (const part of document.querySelectorAll("[data-live]")) {
  let version = part.dataset.version;
  const busy = () =>
    document.hidden || part.querySelector("details[open]") || !getSelection().isCollapsed ||
    part.contains(document.activeElement);
  setInterval(async () => {
    if (busy()) return;
    try {
      const answer = await fetch(part.dataset.live, { headers: { "X-Part": "live" } });
      if (!answer.ok || answer.redirected) return;
      const text = await answer.text();
      const next = answer.headers.get("X-Version");
      if (next === version || busy()) return;
      version = next;
      part.innerHTML = text;
    } catch {
      // The next turn tries again.
    }
  }, Number(part.dataset.every || 3) * 1000);
}
