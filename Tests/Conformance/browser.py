"""Debian's chromium without a window, driven over its DevTools protocol: https://chromedevtools.github.io/devtools-protocol."""

import base64
import json
import os
import select
import shutil
import subprocess
import time

PROGRAMS = ["chromium", "chromium-browser", "google-chrome"]
DEADLINE = float(__import__("os").environ.get("DL", 60))


def find():
    """The browser's path; None where there is none."""
    return next((path for name in PROGRAMS if (path := shutil.which(name))), None)


class Browser:
    """One page. Messages go over a pair of pipes, so that no port is open."""

    def __init__(self, profile):
        to_browser, self.write = os.pipe()
        self.read, from_browser = os.pipe()
        # Without a sandbox, which a container may not allow; pages are our own files. It asks nothing of any network.
        command = [find(), "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--no-first-run",
                   "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
                   f"--user-data-dir={profile}", "about:blank"]

        def pipes():
            # It reads 3 and writes 4. Through copies, lest one take the other's number.
            reading, writing = os.dup(to_browser), os.dup(from_browser)
            high = [os.dup2(reading, 100), os.dup2(writing, 101)]
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        self.process = subprocess.Popen(command, preexec_fn=pipes, close_fds=False, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.buffer, self.count, self.events = b"", 0, []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = None
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Network", "Log"]:
            self.call(f"{domain}.enable")

    session = None

    def call(self, method, **parameters):
        self.count += 1
        number = self.count
        message = {"id": number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.message()
            if answer.get("id") == number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]
            self.events.append(answer)

    def message(self):
        end = time.monotonic() + DEADLINE
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.read], [], [], max(0, end - time.monotonic()))
            assert ready, "the browser does not answer"
            part = os.read(self.read, 1 << 20)
            assert part, "the browser ended"
            self.buffer += part
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def open(self, url, width, height=844, dark=False, media="screen"):
        """Loads a page at a width in pixels and returns what was asked of a network and said on the console."""
        self.events = []
        self.look(width, height, dark, media)
        self.call("Page.navigate", url=str(url))
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self.message())
        self.evaluate("0")
        return self.requests(), self.said()

    def look(self, width, height=844, dark=False, media="screen", still=False):
        """The window's size in pixels and what its user prefers; `still` is without motion."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                  mobile=width < 600)
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
                    {"name": "prefers-reduced-motion", "value": "reduce" if still else "no-preference"}]
        self.call("Emulation.setEmulatedMedia", media=media, features=features)

    def requests(self):
        """The addresses that were asked for since the page was opened."""
        return [event["params"]["request"]["url"] for event in self.events
                if event.get("method") == "Network.requestWillBeSent"]

    def said(self):
        """Entries of the console, the browser's own among them, since the page was opened."""
        return [event for event in self.events
                if event.get("method") in ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")]

    def evaluate(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, (expression, result["exceptionDetails"])
        return result["result"].get("value")

    def wait(self, expression, what=None, deadline=DEADLINE):
        """Polls until an expression is true in the page, and returns its value."""
        end = time.monotonic() + deadline
        # A node is {} here, which Python takes for false.
        while (value := self.evaluate(expression)) in (None, False, 0, ""):
            assert time.monotonic() < end, f"waited {deadline} s for {what or expression}"
            time.sleep(0.05)
        return value

    def text(self, selector):
        """An element's text as it is shown; None where there is none."""
        return self.evaluate(f"document.querySelector({json.dumps(selector)})?.innerText ?? null")

    def click(self, selector):
        """A click with the mouse in the middle of an element, once it can be seen."""
        place = self.wait(f"""(() => {{
            const node = document.querySelector({json.dumps(selector)});
            if (!node?.checkVisibility() || node.disabled) return null;
            node.scrollIntoView({{block: "center", behavior: "instant"}});
            const box = node.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2];
        }})()""", f"{selector} to be there to click")
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"]:
            self.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], clickCount=int(kind != "mouseMoved"),
                      button="none" if kind == "mouseMoved" else "left")

    def type(self, text):
        """Into whatever has the focus."""
        self.call("Input.insertText", text=text)

    def press(self, key, shift=False):
        """A key by its DOM name, as Tab, Enter or Escape."""
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, " ": 32}
        text = {"Enter": "\r", " ": " "}.get(key, "")
        common = dict(key=key, code="Space" if key == " " else key, windowsVirtualKeyCode=codes[key], modifiers=8 * shift)
        self.call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", text=text, **common)
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def screenshot(self, path):
        picture = self.call("Page.captureScreenshot", captureBeyondViewport=True, format="png",
                            clip=dict(x=0, y=0, width=self.evaluate("document.documentElement.clientWidth"),
                                      height=self.evaluate("document.documentElement.scrollHeight"), scale=1))
        path.write_bytes(base64.b64decode(picture["data"]))

    def pdf(self, path):
        page = self.call("Page.printToPDF", printBackground=True, preferCSSPageSize=True)
        path.write_bytes(base64.b64decode(page["data"]))

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.read)
        os.close(self.write)
