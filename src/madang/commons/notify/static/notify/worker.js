// Shows what the city pushes, and opens the page that it is about.
self.addEventListener("push", (event) => {
  const said = event.data.json();
  event.waitUntil(self.registration.showNotification(`${said.sender}: ${said.title}`, {
    body: said.body, tag: said.tag, lang: said.lang, data: said.link,
  }));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const link = event.notification.data || "/";
  if (link.startsWith("/") && !link.startsWith("//")) event.waitUntil(self.clients.openWindow(link));
});
