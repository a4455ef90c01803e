// Questions, notices and the token.

import { byId, element, setText } from "./elements.js";

const noticeTime = 6000;

/** Asks before something that cannot be undone. Escape is no. */
export function confirm(question, detail, yes) {
  const dialog = byId("confirm");
  setText(byId("confirm-question"), question);
  setText(byId("confirm-detail"), detail);
  setText(byId("confirm-yes"), yes);
  dialog.returnValue = "no";
  dialog.showModal();
  byId("confirm-no").focus();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
}

/** Tells what came of something. A problem stays until it is read. */
export function notify(text, isProblem = false) {
  const notice = element("div", { class: isProblem ? "notice problem" : "notice", role: isProblem && "alert" }, element("span", { text }),
    element("button", { type: "button", class: "quiet", "aria-label": "Dismiss", text: "✕", click: () => notice.remove() }));
  byId("notices").append(notice);
  while (byId("notices").childElementCount > 4) byId("notices").firstElementChild.remove();
  if (!isProblem) setTimeout(() => notice.remove(), noticeTime);
  return notice;
}

/** Does something that may end in a problem, which is then shown. */
export async function attempt(action) {
  try {
    return await action();
  } catch (error) {
    notify(error.message, true);
    return null;
  }
}

/** Asks for a token until one is right: `check(token)` throws what is wrong with it. */
export function askForToken(check, problem) {
  const dialog = byId("login");
  setText(byId("login-problem"), problem);
  if (!dialog.open) dialog.showModal();
  byId("token").focus();
  return new Promise((resolve) => {
    // Without a token there is nothing to see.
    dialog.oncancel = (event) => event.preventDefault();
    dialog.onkeydown = (event) => {
      if (event.key === "Escape") event.preventDefault();
    };
    byId("login-form").onsubmit = async (event) => {
      event.preventDefault();
      try {
        const identity = await check(byId("token").value.trim());
        byId("token").value = "";
        dialog.close();
        resolve(identity);
      } catch (error) {
        setText(byId("login-problem"), error.message);
        byId("token").select();
      }
    };
  });
}
