// Before the first paint: the theme that was chosen, so that nothing flashes. A file of its own for the CSP's sake.
const chosen = localStorage.getItem("theme");
if (chosen === "light" || chosen === "dark") document.documentElement.dataset["theme"] = chosen;
