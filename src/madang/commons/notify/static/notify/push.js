// Offers notifications where the browser can show them; without this script the page says nothing of them.
const place = document.getElementById("push");
if (place && "serviceWorker" in navigator && "PushManager" in window) {
  place.hidden = false;
  document.getElementById("push-button").addEventListener("click", async () => {
    const registration = await navigator.serviceWorker.register("/messages/worker.js", { scope: "/" });
    const raw = atob(place.dataset.key.replace(/-/g, "+").replace(/_/g, "/"));
    const key = Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
    const made = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    document.getElementById("push-subscription").value = JSON.stringify(made);
    document.getElementById("push-form").submit();
  });
}
