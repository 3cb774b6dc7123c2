// Blocking and small: a press on a button that only a module serves, made before the modules have come over a slow line,
// is kept and made again once they listen. Buttons that submit need no module, so they are left alone.
const early = [];
const keep = (event) => {
  const button = event.target.closest?.("button[type=button]");
  if (button) early.push(button);
};
document.addEventListener("click", keep, true);
document.addEventListener("webjack:ready", () => {
  document.removeEventListener("click", keep, true);
  for (const button of early) if (button.isConnected) button.click();
});
