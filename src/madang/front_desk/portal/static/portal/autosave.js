// Keeps a draft while somebody types. Without it the draft is kept each time they go on.
(() => {
  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const status = form.querySelector("[data-autosave-status]");
  let timer = 0;
  let dirty = false;

  const save = async () => {
    if (!dirty) return;
    dirty = false;
    const answers = new FormData(form);
    answers.set("autosave", "1");
    try {
      const answer = await fetch(form.action, { method: "POST", body: answers, credentials: "same-origin", redirect: "manual", keepalive: true });
      if (answer.headers.get("Madang-Seen")) form.elements.seen.value = answer.headers.get("Madang-Seen");
      status.textContent = answer.status === 204 ? form.dataset.saved : form.dataset.unsaved;
    } catch {
      dirty = true;
      status.textContent = form.dataset.unsaved;
    }
  };

  form.addEventListener("input", () => {
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(save, 1500);
  });
  form.addEventListener("submit", () => {
    dirty = false;
    clearTimeout(timer);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save();
  });
})();
