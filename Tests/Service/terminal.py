"""A shell in a terminal of a certain size: https://man.openbsd.org/tmux."""

import shutil
import subprocess
import tempfile

from support import wait_for


class Terminal:
    def __init__(self, width, height, environment, shell=("bash", "--norc", "--noprofile")):
        self.width, self.height = width, height
        # The path of a socket may not be long.
        self.directory = tempfile.mkdtemp(prefix="sonarsweep-tmux-", dir="/tmp")
        variables = [f"{key}={value}" for key, value in {**environment, "PS1": "$ ", "LC_ALL": "C.UTF-8"}.items()]
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", width, "-y", height, "env", "-i", *variables,
                  "TERM=screen-256color", *shell)
        self.tmux("set-option", "-g", "status", "off")
        self.tmux("resize-window", "-x", width, "-y", height)

    def tmux(self, *arguments):
        done = subprocess.run(["tmux", "-u", "-S", f"{self.directory}/socket", *map(str, arguments)],
                              capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def type(self, *keys):
        """Each a text, or a key's name: Enter, Up, Escape, C-c."""
        for key in keys:
            self.tmux("send-keys", key)

    def command(self, text):
        self.write(text)
        self.type("Enter")

    def write(self, text):
        self.tmux("send-keys", "-l", "--", text)

    @property
    def lines(self):
        """What is shown, without blanks at the ends of lines."""
        return self.tmux("capture-pane", "-p").split("\n")[:-1]

    @property
    def text(self):
        return "\n".join(self.lines)

    @property
    def styled(self):
        """With the codes of colours."""
        return self.tmux("capture-pane", "-p", "-e")

    def wraps(self):
        """Whether a line goes on in the next."""
        return len(self.tmux("capture-pane", "-p", "-J").split("\n")) != len(self.tmux("capture-pane", "-p").split("\n"))

    def state(self, name):
        """One of tmux's own words about a terminal, as cursor_flag."""
        return self.tmux("display-message", "-p", f"#{{{name}}}").strip()

    def resize(self, width, height):
        self.width, self.height = width, height
        self.tmux("resize-window", "-x", width, "-y", height)

    def wait_for(self, *texts, deadline=30):
        """Waits until all of it is shown, and returns the lines."""
        def shown():
            lines = self.lines
            return lines if all(any(text in line for line in lines) for text in texts) else None

        try:
            return wait_for(shown, f"{texts} on the screen", deadline)
        except AssertionError as error:
            raise AssertionError(f"{error}:\n{self.text}") from None

    def close(self):
        subprocess.run(["tmux", "-S", f"{self.directory}/socket", "kill-server"], capture_output=True, timeout=30)
        shutil.rmtree(self.directory, ignore_errors=True)
