#!/usr/bin/env python3
"""smtp_server.py FOLDER — a mail server for tests that misbehaves on demand: FOLDER/port is where it
listens, FOLDER/mode what it does (ok, busy, refuse, drop, hang-up; read anew for each mail),
FOLDER/N.mail each mail it took, envelope first. Ends when its parent does."""
import os
import socketserver
import sys
import threading
import time

FOLDER = sys.argv[1]


def mode():
    try:
        with open(os.path.join(FOLDER, "mode")) as f:
            return f.read().strip()
    except OSError:
        return "ok"


class Session(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        envelope = []
        if mode() == "hang-up":
            return
        self.say("220 test")
        while True:
            line = self.rfile.readline()
            if not line:
                return
            word = line.decode("latin-1").strip()
            verb = word.upper().split(" ")[0].split(":")[0]
            if verb in ("EHLO", "HELO"):
                self.say("250 test")
            elif verb in ("MAIL", "RCPT"):
                envelope.append(word)
                if verb == "RCPT" and mode() == "refuse":
                    self.say("550 no such person")
                elif verb == "RCPT" and mode() == "busy":
                    self.say("451 come back later")
                else:
                    self.say("250 ok")
            elif verb == "DATA":
                self.say("354 go on")
                data = self.data()
                if data is None or mode() == "drop":
                    return
                self.keep(envelope, data)
                self.say("250 taken")
                envelope = []
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def data(self):
        lines = []
        while True:
            line = self.rfile.readline()
            if not line:
                return None
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line[1:] if line.startswith(b"..") else line)

    def keep(self, envelope, data):
        with self.server.lock:
            self.server.taken += 1
            name = os.path.join(FOLDER, "%d.mail" % self.server.taken)
            with open(name, "wb") as f:
                f.write(("\r\n".join(envelope) + "\r\n\r\n").encode() + data)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    lock = threading.Lock()
    taken = 0


def main():
    parent = os.getppid()
    server = Server(("127.0.0.1", 0), Session)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with open(os.path.join(FOLDER, "port.new"), "w") as f:
        f.write(str(server.server_address[1]))
    os.rename(os.path.join(FOLDER, "port.new"), os.path.join(FOLDER, "port"))
    while os.getppid() == parent:
        time.sleep(0.2)


main()
