// The fleet's HTTP interface; openapi.yaml describes it.

/** The stream has a comment every 15 seconds: after so many milliseconds of silence nobody is there. */
const longestSilence = 40_000;
const longestWait = 15_000;

/** What the server answered in place of what was asked for, or why it could not be reached (`status` 0). */
export class Problem extends Error {
  constructor(status, detail, mistakes = []) {
    // A first word that is a name, as a job's id, stays as it is.
    super(/^[a-z]+ /.test(detail) ? detail[0].toUpperCase() + detail.slice(1) : detail);
    Object.assign(this, { status, mistakes });
  }
}

export class API {
  token = sessionStorage.getItem("token") ?? "";

  /** Kept while the tab is open. */
  signIn(token) {
    this.token = token;
    if (token) sessionStorage.setItem("token", token);
    else sessionStorage.removeItem("token");
  }

  /** - Throws: `Problem`. */
  async request(path, { method = "GET", body, type, signal } = {}) {
    const headers = new Headers();
    // A header takes these characters and no others.
    if (this.token && !/^[\x21-\x7e]+$/.test(this.token)) throw new Problem(401, "That is no token.");
    if (this.token) headers.set("Authorization", `Bearer ${this.token}`);
    if (body !== undefined) headers.set("Content-Type", type ?? "application/json");
    let response;
    try {
      response = await fetch(path, { method, headers, body, signal, cache: "no-store", credentials: "omit", redirect: "error" });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new Problem(0, "The coordinator does not answer.");
    }
    if (!response.ok) throw await problem(response);
    return response;
  }

  async get(path, signal) {
    return (await this.request(path, { signal })).json();
  }

  async post(path, content) {
    return (await this.request(path, { method: "POST", body: content && JSON.stringify(content) })).json();
  }

  async patch(path, content) {
    return (await this.request(path, { method: "PATCH", body: JSON.stringify(content) })).json();
  }

  /** The bytes at a path; `onProgress` hears how many there are so far. */
  async blob(path, { signal, onProgress } = {}) {
    const response = await this.request(path, { signal });
    if (!onProgress) return response.blob();
    const parts = [];
    let length = 0;
    for await (const part of chunks(response.body)) {
      parts.push(part);
      onProgress((length += part.length));
    }
    return new Blob(parts, { type: response.headers.get("Content-Type") ?? "" });
  }

  /**
   * Follows the fleet until it is told to stop, connecting again whenever the stream ends.
   *
   * `onEvent(name, data)` hears the events, `onLoss({reason, until})` that the stream is gone and when the next attempt is.
   * Returns the problem where trying again is of no use: the token is refused.
   */
  async follow({ signal, onEvent, onLoss, retryNow }) {
    for (let failures = 0; !signal.aborted; failures += 1) {
      let reason = "The coordinator ended the connection.";
      try {
        for await (const [name, data] of this.#events(signal)) {
          failures = 0;
          onEvent(name, data);
        }
      } catch (error) {
        if (signal.aborted) return null;
        if (error.status === 401 || error.status === 403) return error;
        reason = error.message;
      }
      const wait = Math.min(longestWait, 1000 * 2 ** failures) * (0.8 + 0.4 * Math.random());
      onLoss({ reason, until: Date.now() + wait });
      await retryNow(wait);
    }
    return null;
  }

  async *#events(signal) {
    const silence = new AbortController();
    const decoder = new TextDecoder();
    let timer = setTimeout(() => silence.abort(), longestSilence);
    let text = "";
    try {
      const response = await this.request("api/v1/events", { signal: AbortSignal.any([signal, silence.signal]) });
      for await (const chunk of chunks(response.body)) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), longestSilence);
        text += decoder.decode(chunk, { stream: true }).replaceAll("\r\n", "\n");
        const blocks = text.split("\n\n");
        text = blocks.pop();
        yield* blocks.map(parseEvent).filter(Boolean);
      }
    } catch (error) {
      throw signal.aborted || error instanceof Problem ? error : new Problem(0, "The connection to the coordinator broke.");
    } finally {
      clearTimeout(timer);
    }
  }
}

/** `[name, data]`; null for comments. */
function parseEvent(block) {
  let name = "message";
  const data = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) name = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(5));
  }
  return data.length ? [name, JSON.parse(data.join("\n"))] : null;
}

async function* chunks(body) {
  const reader = body.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } finally {
    reader.cancel().catch(() => {});
  }
}

async function problem(response) {
  try {
    const { detail, title, mistakes } = await response.json();
    return new Problem(response.status, detail || title || response.statusText, mistakes);
  } catch {
    return new Problem(response.status, `The coordinator answered ${response.status} ${response.statusText}.`);
  }
}

export const jobPath = (job, rest = "") => `api/v1/jobs/${encodeURIComponent(job)}${rest}`;
