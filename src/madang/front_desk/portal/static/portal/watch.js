// Brings a request's standing up to date while it is under way. Without it there is a link "look again".
(() => {
  const now = document.querySelector("[data-watch]");
  if (!now) return;
  const began = Date.now();
  const settled = () => now.querySelector("[data-settled]") !== null;
  const standing = () => now.querySelector("[data-standing]")?.dataset.standing;
  const wait = () => (Date.now() - began < 60_000 ? 1_500 : 15_000);
  const hideLink = () => now.querySelectorAll("[data-without-script]").forEach((link) => { link.hidden = true; });

  const look = async () => {
    if (settled()) return;
    if (document.visibilityState === "visible") {
      try {
        const answer = await fetch(now.dataset.watch, { credentials: "same-origin", redirect: "error" });
        if (answer.ok) show(await answer.text());
      } catch {
        now.querySelectorAll("[data-without-script]").forEach((link) => { link.hidden = false; });
      }
    }
    setTimeout(look, wait());
  };

  const show = (html) => {
    const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-standing]");
    const hasNewForm = fresh && fresh.querySelector("form") && !now.querySelector("[data-standing] form");
    if (fresh && (fresh.dataset.standing !== standing() || hasNewForm)) {
      now.replaceChildren(fresh);
      hideLink();
    }
  };

  hideLink();
  setTimeout(look, wait());
})();
