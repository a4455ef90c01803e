// Submitting a job: its YAML, and the files that it names.

import { byId, element, setText } from "./elements.js";
import { bytes } from "./format.js";

const isJobFile = (file) => /\.ya?ml$/i.test(file.name);

export class SubmitDialog {
  #file = "job.yaml";
  #assets = new Map();

  /** `onJob(job, isNew)` hears of the job that was submitted. */
  constructor(api, onJob) {
    Object.assign(this, { api, onJob });
    const dialog = byId("submit");
    byId("submit-job").addEventListener("click", () => this.#open());
    byId("submit-close").addEventListener("click", () => dialog.close());
    byId("submit-files").addEventListener("change", (event) => this.#take(event.target.files));
    byId("submit-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    dialog.addEventListener("dragover", (event) => {
      event.preventDefault();
      dialog.classList.add("dropping");
    });
    dialog.addEventListener("dragleave", () => dialog.classList.remove("dropping"));
    dialog.addEventListener("drop", (event) => {
      event.preventDefault();
      dialog.classList.remove("dropping");
      this.#take(event.dataTransfer.files);
    });
  }

  #open() {
    setText(byId("submit-problem"), "");
    byId("submit").showModal();
    byId("submit-text").focus();
  }

  async #take(files) {
    for (const file of files) {
      if (isJobFile(file)) [this.#file, byId("submit-text").value] = [file.name, await file.text()];
      else this.#assets.set(file.name, file);
    }
    const remove = (name) => () => {
      this.#assets.delete(name);
      this.#take([]);
    };
    byId("submit-assets").replaceChildren(...[...this.#assets.values()].map((file) => element("li", {}, `${file.name}, ${bytes(file.size)} `,
      element("button", { type: "button", class: "quiet", text: "✕", "aria-label": `Without ${file.name}`, click: remove(file.name) }))));
  }

  async #submit() {
    const text = byId("submit-text").value;
    setText(byId("submit-problem"), "");
    try {
      const assets = {};
      for (const [name, file] of this.#assets) assets[assetPath(text, name)] = await base64(file);
      const body = JSON.stringify({ file: this.#file, text, assets });
      const response = await this.api.request(`api/v1/jobs?priority=${byId("submit-priority").value}`, { method: "POST", body });
      const job = await response.json();
      byId("submit").close();
      [this.#file, byId("submit-text").value, byId("submit-files").value] = ["job.yaml", "", ""];
      this.#assets.clear();
      byId("submit-assets").replaceChildren();
      this.onJob(job, response.status === 201);
    } catch (error) {
      const mistakes = error.mistakes?.length ? [element("ul", {}, ...error.mistakes.map((text) => element("li", { text })))] : [];
      byId("submit-problem").replaceChildren(element("p", { text: error.message }), ...mistakes);
    }
  }
}

/** The path by which the job names a file of this name; a browser tells no more than the name. */
function assetPath(text, name) {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return text.match(new RegExp(`(?:[\\w.-]+/)*${escaped}(?![\\w.-])`))?.[0] ?? name;
}

function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
