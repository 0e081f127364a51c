// Shows an element's <title> at once, and on touch; without this script the browser shows it by itself, later.
(() => {
  const tip = document.createElement("div");
  tip.className = "tip";
  document.body.append(tip);
  for (const title of document.querySelectorAll("svg title")) {
    title.parentNode.dataset.tip = title.textContent;
    title.parentNode.setAttribute("aria-label", title.textContent);
    title.remove();
  }
  document.addEventListener("pointerover", (event) => {
    const target = event.target.closest("[data-tip]");
    tip.classList.toggle("shown", Boolean(target));
    if (target) tip.textContent = target.dataset.tip;
  });
  const follow = (event) => {
    const x = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
    const below = event.clientY + 18;
    const y = below + tip.offsetHeight < innerHeight ? below : event.clientY - tip.offsetHeight - 10;
    tip.style.transform = `translate(${Math.max(x, 8)}px, ${y}px)`;
  };
  document.addEventListener("pointermove", follow);
  document.addEventListener("pointerdown", follow);
})();
