// What the theme writes into its pages as expressions, and a content policy without 'unsafe-eval' does not run: Alpine's build for such
// a policy evaluates simple expressions alone, and finds in them no function or object of the window that is not named here.
"use strict";

document.addEventListener("alpine:init", () => {
  const { Alpine } = window;
  Alpine.data("page", () => ({
    activeTab: "",
    sidebarMobileOpen: false,
    sidebarDesktopOpen: localStorage.getItem("sidebarDesktopOpen") !== "0",
    // As the form's address is made of it.
    window: { location: { pathname: window.location.pathname, search: window.location.search } },
    localStorage: { setItem: (key, value) => localStorage.setItem(key, value) },
    sortRecords: (event) => window.sortRecords(event),
    widthOf: (width) => ({ width: `${width}px` }),
    init() {
      this.activeTab = window.getCurrentTab() || this.$el.dataset.tab || "";
      this.$watch("sidebarDesktopOpen", (value) => localStorage.setItem("sidebarDesktopOpen", value ? "1" : "0"));
    },
  }));
  for (const name of ["theme", "searchForm", "searchDropdown", "searchCommand"]) {
    Alpine.data(name, (...values) => window[name](...values));
  }
});
